import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import { connectionFlags, maxMessageFlag, renamedReplyTimeoutFlag } from '#lib/cli/flags/shared/common.ts'
import { numberFlag } from '#lib/cli/flags/shared/number.ts'
import { passwordFlags } from '#lib/cli/flags/shared/socket.ts'
import { smallestPadded } from '#lib/services/bench/padded-notification.ts'
import { rateRange, windowRange } from './stream.ts'

/** What is measured by default: OpenSIPS's usual event, and a window that fills the way to a broker. */
export const standard = { size: 150, window: 1000, seconds: 5 } as const

/** The flags of `evi bench`, each checked. */
export const benchFlags = {
  size: numberFlag({
    description: `bytes of each event, a notification padded to it (default ${standard.size})`,
    helpValue: 'BYTES',
    min: smallestPadded,
    max: 536_870_912,
    integer: true,
    unit: 'bytes',
    hint: `An event is a whole notification, which has ${smallestPadded} bytes before any padding.`,
  }),
  window: numberFlag({
    description: `maximum unconfirmed events in flight (default ${standard.window})`,
    helpValue: 'N',
    ...windowRange,
  }),
  rate: numberFlag({
    description: 'events a second (default: as many as the window allows)',
    helpValue: 'N',
    ...rateRange,
  }),
  duration: numberFlag({
    description: `publish for so long (default ${standard.seconds} s)`,
    helpValue: 'TIME',
    exclusive: ['count'],
    min: 0.001,
    max: 86_400,
    unit: 'seconds',
  }),
  count: numberFlag({
    char: 'n',
    description: 'publish so many events instead',
    helpValue: 'N',
    min: 1,
    max: 999_999_999,
    integer: true,
    unit: 'events',
  }),
  'consumers-get-them': Flags.boolean({
    description: "publish to SOCKET itself, whose consumers get every event, instead of a queue of evi's own",
  }),
  ...passwordFlags,
  ...connectionFlags,
  'reply-timeout': renamedReplyTimeoutFlag,
  'max-message': maxMessageFlag,
}

export type BenchFlags = InferredFlags<typeof benchFlags>
