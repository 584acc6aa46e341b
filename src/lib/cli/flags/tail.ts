import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import type { WatchMode } from '#lib/broker/broker.ts'
import { connectionFlags, managementFlag, replyTimeoutFlag } from '#lib/cli/flags/shared/common.ts'
import { numberFlag } from '#lib/cli/flags/shared/number.ts'
import { socketFlags } from '#lib/cli/flags/shared/socket.ts'
import { readStreamOffset, type StreamOffset } from '#lib/domain/routing/stream-offset.ts'
import { EviError } from '#lib/errors.ts'
import { shortStringLimit, utf8Length } from '#lib/text/characters.ts'

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
  last: numberFlag({
    description: 'start with the last N messages of a stream, and go on with what comes',
    helpValue: 'N',
    exclusive: ['binding-key', 'firehose', 'from', 'peek'],
    min: 1,
    max: 999_999_999_999,
    integer: true,
    unit: 'messages',
  }),
  where: Flags.string({
    description:
      'show only events such as ip in 10.0.0.0/8 and count > 5: = != ~ !~ < <= > >= in, and or not ( )',
    helpValue: 'EXPR',
  }),
  count: numberFlag({
    char: 'n',
    description: 'stop after so many events that are shown',
    helpValue: 'N',
    min: 1,
    max: 999_999_999_999,
    integer: true,
    unit: 'events',
  }),
  timeout: numberFlag({
    description: 'stop after so long; exit code 124 when fewer than --count came',
    helpValue: 'TIME',
    min: 0.001,
    max: 1_000_000_000,
    unit: 'seconds',
  }),
  exec: Flags.string({
    description:
      'run COMMAND for each event that is shown, without a shell: its body on stdin, EVI_EVENT and EVI_PARAM_NAME set',
    helpValue: 'COMMAND',
  }),
  jobs: numberFlag({
    description: 'with --exec: how many run at once (default 1); the next events wait',
    helpValue: 'N',
    min: 1,
    max: 256,
    integer: true,
    dependsOn: ['exec'],
  }),
  'exec-timeout': numberFlag({
    description: 'with --exec: stop a run after so long, which has failed then',
    helpValue: 'TIME',
    min: 0.001,
    max: 1_000_000,
    unit: 'seconds',
    dependsOn: ['exec'],
  }),
  strict: Flags.boolean({
    description: 'end at the first socket that cannot be watched, instead of watching the others',
    exclusive: ['peek'],
  }),
  management: managementFlag,
  format: Flags.string({
    description:
      'a line for each event: {time} {event} {param.NAME} {params} {socket} {exchange} {routingKey} {body}',
    helpValue: 'TEMPLATE',
    exclusive: ['json', 'raw'],
  }),
  full: Flags.boolean({
    description:
      'on a terminal: print long lines whole, and every event of a stream that is too fast to read',
    exclusive: ['json', 'raw'],
  }),
  raw: Flags.boolean({ description: 'the bodies as they are, one a line', exclusive: ['json'] }),
  ...connectionFlags,
  'reply-timeout': replyTimeoutFlag,
}

export type TailFlags = InferredFlags<typeof tailFlags>

/** The mode of watching that was asked for, if any. */
export function modeOf(flags: {
  firehose: boolean
  from?: StreamOffset | undefined
  last?: number | undefined
}): WatchMode | undefined {
  const { firehose, from, last } = flags
  if (firehose) return 'firehose'
  if (last !== undefined) return { last }
  return from === undefined ? undefined : { from }
}
