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

/** How long a subscription lives: `--expire TIME`. */
export const expireFlag = numberFlag({
  description: 'time until the subscription ends by itself (default: it does not end)',
  helpValue: 'TIME',
  ...expireRange,
})

/** A setting as a flag: `--connect-timeout MS`. */
function settingFlag(name: SettingName, helpValue: string, aliases: string[] = []) {
  const { minimum, maximum, default: standard, meaning, unit } = settingRules[name]
  const unitText = unit === undefined ? '' : ` ${unit}`
  return numberFlag({
    description: `${meaning} (${minimum} to ${maximum}${unitText}; default ${standard})`,
    helpGroup: 'SETTINGS',
    helpValue,
    aliases,
    ...rangeOf(name),
  })
}

/** The settings that every command with a broker takes. */
export const connectionFlags = {
  'connect-timeout': settingFlag('connect_timeout', 'TIME'),
  heartbeat: settingFlag('heartbeat', 'TIME'),
}

export const replyTimeoutFlag = settingFlag('timeout', 'TIME')
/** For the commands where it was called `--timeout`, which goes on working in this version. */
export const renamedReplyTimeoutFlag = settingFlag('timeout', 'TIME', ['timeout'])
export const maxMessageFlag = settingFlag('max_message', 'BYTES')

/** For cron, which mails all that is printed. */
export const quietFlag = Flags.boolean({
  char: 'q',
  description: 'print nothing when all is well (exit code 0)',
  helpGroup: 'GLOBAL',
})

/** Where the management API is, of which broker; several for several brokers. */
export const managementFlag = Flags.custom<URL>({
  description: "management API, to see what is bound (default login: the socket's)",
  helpValue: 'URL',
  multiple: true,
  multipleNonGreedy: true,
  parse: async (text) => readManagementUrl(text),
})()

/** Where an OpenSIPS is, by its Management Interface. */
export const openSipsFlag = Flags.string({
  description:
    "OpenSIPS's Management Interface: http://HOST:8888/mi, fifo:/PATH, unix:/PATH or udp:HOST:PORT",
  helpValue: 'URL',
})

/** Flags by the settings' own names; those not given stay out. */
export function settingsFrom(flags: {
  'connect-timeout'?: number | undefined
  heartbeat?: number | undefined
  'max-message'?: number | undefined
  'reply-timeout'?: number | undefined
  sync?: boolean | undefined
}): Partial<Settings> {
  const named = {
    connect_timeout: flags['connect-timeout'],
    heartbeat: flags.heartbeat,
    max_message: flags['max-message'],
    sync_mode: flags.sync === undefined ? undefined : Number(flags.sync),
    timeout: flags['reply-timeout'],
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
}
