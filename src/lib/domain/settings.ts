import { EviError } from '#lib/errors.ts'
import { type NumberRange, readNumber } from '#lib/text/numbers/read-number.ts'
import { addressNames } from './address-settings.ts'

/** The names are the manual's (`event_rabbitmq` modparams) and evi's own `max_message` (docs/settings.md). */
export interface Settings {
  /** Seconds between heartbeats; 0 turns them off. */
  readonly heartbeat: number
  /** 1: a raise waits for the publisher confirm. */
  readonly sync_mode: number
  /** Milliseconds for the TCP connection. */
  readonly connect_timeout: number
  /** Milliseconds for each later reply of the broker. */
  readonly timeout: number
  /** Bytes a notification may have; 0 is no limit. */
  readonly max_message: number
}

export type SettingName = keyof Settings

interface SettingRule {
  readonly default: number
  readonly minimum: number
  readonly maximum: number
  /** Of a duration. */
  readonly unit?: 'ms' | 'seconds'
  readonly meaning: string
}

export const settingRules: Readonly<Record<SettingName, SettingRule>> = {
  heartbeat: {
    default: 0,
    minimum: 0,
    maximum: 65535,
    unit: 'seconds',
    meaning: 'time between heartbeats, 0 = off',
  },
  sync_mode: { default: 0, minimum: 0, maximum: 1, meaning: '1 = wait for the publisher confirm' },
  connect_timeout: {
    default: 500,
    minimum: 1,
    maximum: 600_000,
    unit: 'ms',
    meaning: 'time for the TCP connection',
  },
  timeout: {
    default: 5000,
    minimum: 1,
    maximum: 600_000,
    unit: 'ms',
    meaning: 'time for each later reply of the broker',
  },
  max_message: {
    default: 16_384,
    minimum: 0,
    maximum: 536_870_912,
    meaning: 'bytes of a notification, 0 = no limit',
  },
}

export const settingNames = Object.keys(settingRules) as SettingName[]

/** The environment variable of a setting: `EVI_SYNC_MODE`. */
export function variableOf(name: SettingName): string {
  return `EVI_${name.toUpperCase()}`
}

/**
 * A name of a setting that is a number, checked.
 *
 * @throws EviError `usage` when there is no such setting, with the nearest one
 */
export async function checkSettingName(name: string): Promise<SettingName> {
  if (Object.hasOwn(settingRules, name)) return name as SettingName
  const { nearest } = await import('#lib/text/nearest.ts')
  const all = [...settingNames, ...addressNames]
  const meant = nearest(name.replaceAll('-', '_'), all)
  throw new EviError('usage', `There is no setting ${JSON.stringify(name)}.`, {
    hint: meant === undefined ? `The settings are ${all.join(', ')}.` : `Did you mean ${meant}?`,
  })
}

/**
 * Reads a setting's value, a whole number within its range.
 *
 * @param source what the error names, such as `EVI_TIMEOUT` or `--timeout`
 * @throws EviError `usage`, with the range
 */
export function readSetting(name: SettingName, text: string, source: string = name): number {
  return readNumber(source, text, rangeOf(name))
}

/** A setting's range, for `readNumber`. */
export function rangeOf(name: SettingName): NumberRange {
  const { minimum, maximum, unit, meaning } = settingRules[name]
  return { min: minimum, max: maximum, integer: true, unit, hint: `${name}: ${meaning}.` }
}

/** Whether the value is a whole number that the setting allows. */
export function isInRange(name: SettingName, value: unknown): value is number {
  const { minimum, maximum } = settingRules[name]
  return Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum
}

/** Where settings are kept; a port. */
export interface SettingStore {
  /** What is set. @throws EviError `damaged` */
  read(): Partial<Settings>
  /** Sets a value, or takes it out with undefined. @throws EviError `damaged`, `cannot-write`, `busy` */
  set(name: SettingName, value: number | undefined): Promise<void>
  /** Sets several values in one write. @throws EviError `damaged`, `cannot-write`, `busy` */
  setAll(values: Partial<Settings>): Promise<void>
}

export interface SettingSources {
  readonly flags: Partial<Settings>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stored: Partial<Settings>
}

export type SettingOrigin = 'flag' | 'environment' | 'settings' | 'default'

/** The value that holds and where it comes from: flag, `EVI_…` variable, settings file, default, in this order. */
export function resolveSetting(
  name: SettingName,
  sources: SettingSources,
): { value: number; from: SettingOrigin } {
  const flag = sources.flags[name]
  if (flag !== undefined) return { value: flag, from: 'flag' }
  const variable = variableOf(name)
  const text = sources.environment[variable]
  if (text !== undefined && text !== '')
    return { value: readSetting(name, text, variable), from: 'environment' }
  const stored = sources.stored[name]
  return stored === undefined
    ? { value: settingRules[name].default, from: 'default' }
    : { value: stored, from: 'settings' }
}

/** All settings, resolved. @throws EviError `usage` for a variable out of range */
export function resolveSettings(sources: SettingSources): Settings {
  const entries = settingNames.map((name) => [name, resolveSetting(name, sources).value])
  return Object.fromEntries(entries) as Settings
}
