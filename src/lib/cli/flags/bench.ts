import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import { connectionFlags, maxMessageFlag, renamedReplyTimeoutFlag } from '#lib/cli/flags/shared/common.ts'
import { numberFlag } from '#lib/cli/flags/shared/number.ts'
import { passwordFlags } from '#lib/cli/flags/shared/socket.ts'
import { EviError } from '#lib/errors.ts'
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
  'publish-there': Flags.boolean({
    description: "publish to SOCKET itself instead of a queue of evi's own; needs --consumers-get-them",
  }),
  'consumers-get-them': Flags.boolean({
    description: 'accept that the consumers there get every event of the load',
  }),
  ...passwordFlags,
  ...connectionFlags,
  'reply-timeout': renamedReplyTimeoutFlag,
  'max-message': maxMessageFlag,
}

export type BenchFlags = InferredFlags<typeof benchFlags>

/**
 * Whether the load is for the socket itself, which has to be said twice.
 *
 * @throws EviError `usage` when it is said once
 */
export function isForSocketItself(flags: {
  readonly 'publish-there': boolean
  readonly 'consumers-get-them': boolean
}): boolean {
  const { 'publish-there': there, 'consumers-get-them': known } = flags
  if (there === known) return there
  const [given, missing] = there
    ? ['--publish-there', '--consumers-get-them']
    : ['--consumers-get-them', '--publish-there']
  throw new EviError(
    'usage',
    `${given} alone publishes nothing: with ${missing} as well, the consumers at SOCKET get every event of the load.`,
    {
      hint: [
        'If they may: evi bench SOCKET --publish-there --consumers-get-them',
        'If not, it has a queue of its own: evi bench SOCKET',
      ].join('\n'),
    },
  )
}
