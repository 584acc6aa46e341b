import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { readManagementUrl } from '#lib/domain/management-url.ts'
import { rangeOf, type SettingName, type Settings, settingRules } from '#lib/domain/settings.ts'
import { expireRange } from '#lib/domain/subscription/subscription.ts'
import { numberFlag } from './number.ts'

/** An argument; oclif would take a missing one from standard input, which belongs to the events. */
export const textArgument = Args.custom<string>({ ignoreStdin: true })

/** An event's name, checked. */
export const eventArgument = Args.custom<string>({
  ignoreStdin: true,
  description: 'name of the event, such as E_PIKE_BLOCKED',
  parse: async (name) => checkEventName(name),
})

/** How long a subscription lives: `--expire SECONDS`. */
export const expireFlag = numberFlag({
  description: 'seconds until the subscription ends by itself (default: it does not end)',
  helpValue: 'SECONDS',
  ...expireRange,
})

/** A setting as a flag: `--connect-timeout MS`. */
function settingFlag(name: SettingName, unit: string) {
  const { minimum, maximum, default: standard, meaning } = settingRules[name]
  return numberFlag({
    description: `${meaning} (${minimum} to ${maximum}; default ${standard})`,
    helpGroup: 'SETTINGS',
    helpValue: unit,
    ...rangeOf(name),
  })
}

/** The settings that every command with a broker takes. */
export const connectionFlags = {
  'connect-timeout': settingFlag('connect_timeout', 'MS'),
  heartbeat: settingFlag('heartbeat', 'SECONDS'),
}

export const replyTimeoutFlag = settingFlag('timeout', 'MS')
export const maxMessageFlag = settingFlag('max_message', 'BYTES')

/** Where the management API is, of which broker; several for several brokers. */
export const managementFlag = Flags.custom<URL>({
  description: "management API, to see what is bound (default login: the socket's)",
  helpValue: 'URL',
  multiple: true,
  multipleNonGreedy: true,
  parse: async (text) => readManagementUrl(text),
})()

/** Flags by the settings' own names; those not given stay out. */
export function settingsFrom(flags: {
  'connect-timeout'?: number | undefined
  heartbeat?: number | undefined
  'max-message'?: number | undefined
  sync?: boolean | undefined
  timeout?: number | undefined
}): Partial<Settings> {
  const named = {
    connect_timeout: flags['connect-timeout'],
    heartbeat: flags.heartbeat,
    max_message: flags['max-message'],
    sync_mode: flags.sync === undefined ? undefined : Number(flags.sync),
    timeout: flags.timeout,
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
}
