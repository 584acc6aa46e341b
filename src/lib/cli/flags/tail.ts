import * as Flags from '@oclif/core/flags'
import type { WatchMode } from '#lib/broker/broker.ts'
import { readStreamOffset, type StreamOffset } from '#lib/domain/routing/stream-offset.ts'
import { EviError } from '#lib/errors.ts'
import { shortStringLimit, utf8Length } from '#lib/text/characters.ts'
import { connectionFlags, managementFlag, replyTimeoutFlag } from './shared.ts'
import { socketFlags } from './socket.ts'

/** The flags of `evi tail`, each checked. */
export const tailFlags = {
  json: Flags.boolean({ description: 'a JSON line for each event', helpGroup: 'GLOBAL' }),
  ...socketFlags('watch this socket, subscribed or not'),
  'binding-key': Flags.custom<string>({
    description: 'pattern to bind a named exchange with, instead of the routing key',
    parse: async (text) => {
      if (utf8Length(text) <= shortStringLimit) return text
      throw new EviError('usage', `A binding key is at most ${shortStringLimit} bytes long.`)
    },
  })(),
  peek: Flags.boolean({
    description:
      'show what waits in a queue and put it back, marked as redelivered (1000 messages, or --count)',
    exclusive: ['binding-key', 'firehose', 'from', 'timeout'],
  }),
  firehose: Flags.boolean({
    description:
      'watch copies that RabbitMQ makes of all that is published, once rabbitmqctl trace_on was run',
    exclusive: ['binding-key', 'from'],
  }),
  from: Flags.custom<StreamOffset>({
    description: 'where to start in a stream: TIME is 2026-11-30T18:00Z, or 10m, 1h, 7d ago (default next)',
    helpValue: 'first|last|next|OFFSET|TIME',
    exclusive: ['binding-key'],
    parse: async (text) => readStreamOffset(text, new Date()),
  })(),
  count: Flags.custom<number>({
    char: 'n',
    description: 'stop after so many events',
    helpValue: 'N',
    parse: async (text) => readAmount('--count', text, /^\d{1,15}$/),
  })(),
  timeout: Flags.custom<number>({
    description: 'stop after so long; exit code 124 when fewer than --count came',
    helpValue: 'SECONDS',
    parse: async (text) => readAmount('--timeout', text, /^\d{1,6}(?:\.\d+)?$/),
  })(),
  strict: Flags.boolean({
    description: 'end at the first socket that cannot be watched, instead of watching the others',
    exclusive: ['peek'],
  }),
  management: managementFlag,
  raw: Flags.boolean({ description: 'the bodies as they are, one a line', exclusive: ['json'] }),
  ...connectionFlags,
  'reply-timeout': replyTimeoutFlag('reply-timeout'),
}

/** The mode of watching that was asked for, if any. */
export function modeOf(flags: { firehose: boolean; from?: StreamOffset | undefined }): WatchMode | undefined {
  if (flags.firehose) return 'firehose'
  return flags.from === undefined ? undefined : { from: flags.from }
}

function readAmount(flag: string, text: string, pattern: RegExp): number {
  const amount = pattern.test(text) ? Number(text) : 0
  if (amount > 0) return amount
  throw new EviError('usage', `${flag} is ${JSON.stringify(text)}, not a number above 0.`)
}
