import * as Flags from '@oclif/core/flags'
import { EviError } from '#lib/errors.ts'
import { numberFlag } from './number.ts'

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
    description: 'append each line that a subscriber did not get to this file',
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

export interface StreamFlagValues {
  readonly json: boolean
  readonly batch?: string | undefined
  readonly count?: number | undefined
  readonly window?: number | undefined
  readonly rate?: number | undefined
  readonly speed?: number | undefined
  readonly 'as-recorded': boolean
  readonly strict: boolean
  readonly failed?: string | undefined
  readonly 'retry-for'?: number | undefined
  readonly progress?: boolean | undefined
}

/**
 * Refuses flags that do not go together, such as those of a stream for a single event, or the other way round.
 *
 * @throws EviError `usage`
 */
export function refuseMixture(flags: StreamFlagValues, kind: RaiseKind): void {
  const { speed, rate, batch } = flags
  if (speed !== undefined && rate !== undefined)
    throw new EviError('usage', '--speed and --rate are two paces.')
  if (speed !== undefined && batch !== undefined)
    throw new EviError('usage', '--speed is for recorded events, and --batch for params, which have no time.')
  const others = otherFlags[kind]
  const stray = others.find((name) => Reflect.get(flags, name))
  if (stray === undefined) return
  throw new EviError('usage', `--${stray} is for ${kind === 'single' ? 'a stream' : 'a single event'}.`, {
    hint: 'A stream is read by: evi raise -, or evi raise EVENT --batch FILE; or one event is repeated: --count N',
  })
}

/** What is raised: one event, one event again and again, or an event for each line of the input. */
export type RaiseKind = 'single' | 'repeated' | 'lines'

const singleFlags = ['verify', 'management', 'dry-run']
const otherFlags: Readonly<Record<RaiseKind, readonly string[]>> = {
  single: Object.keys(streamFlags),
  repeated: ['as-recorded', ...singleFlags],
  lines: ['count', 'param', 'arg', 'params', 'example', ...singleFlags],
}
