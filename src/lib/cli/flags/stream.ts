import * as Flags from '@oclif/core/flags'
import { numberFlag } from '#lib/cli/flags/shared/number.ts'

/** Unconfirmed events in flight; more make nothing faster, as each that survives a garbage collection is copied. */
export const defaultWindow = 1000
/** Seconds. */
export const defaultRetryFor = 300

/** Of `--window` and `--rate`, here and for `evi bench`. */
export const windowRange = { min: 1, max: 1_000_000, integer: true, unit: 'events' } as const
export const rateRange = { min: 0.001, max: 1_000_000, unit: 'events a second' } as const

const group = { helpGroup: 'STREAM' }

/** The flags for a stream of events, each checked. */
export const streamFlags = {
  batch: Flags.string({
    ...group,
    description: 'raise EVENT once for each line, its params as JSON; - reads standard input',
    helpValue: 'FILE',
    exclusive: ['param', 'arg', 'params'],
  }),
  count: numberFlag({
    ...group,
    char: 'n',
    description:
      'raise the event so many times; its parameters may have {{n}}, {{uuid}}, {{now}}, {{random 1 9}}',
    helpValue: 'N',
    exclusive: ['batch', 'speed'],
    min: 1,
    max: 999_999_999_999,
    integer: true,
    unit: 'events',
  }),
  window: numberFlag({
    ...group,
    description: `maximum unconfirmed events in flight on a connection (default ${defaultWindow})`,
    helpValue: 'N',
    ...windowRange,
  }),
  rate: numberFlag({
    ...group,
    description: 'events a second (default: as fast as they come)',
    helpValue: 'N',
    ...rateRange,
  }),
  speed: numberFlag({
    ...group,
    description: 'keep the rhythm of what evi tail --json recorded, N times as fast',
    helpValue: 'N',
    min: 0.001,
    max: 1_000_000,
  }),
  'as-recorded': Flags.boolean({
    ...group,
    description:
      'publish to the exchange and with the routing key of the recording, at the brokers of the subscribers',
    exclusive: ['batch'],
  }),
  strict: Flags.boolean({ ...group, description: 'stop at the first bad line' }),
  failed: Flags.string({
    ...group,
    description:
      'append each line that a subscriber did not get to this file; raised again, all its subscribers get it',
    helpValue: 'FILE',
  }),
  'retry-for': numberFlag({
    ...group,
    description: `retry for so long after the connection is lost (default ${defaultRetryFor} s)`,
    helpValue: 'TIME',
    min: 0,
    max: 1_000_000,
    integer: true,
    unit: 'seconds',
  }),
  progress: Flags.boolean({
    ...group,
    allowNo: true,
    description: 'show on stderr how far it is; on a terminal only, where it is the default',
  }),
}
