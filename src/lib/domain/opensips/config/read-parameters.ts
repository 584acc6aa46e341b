import { unicodeOf } from '#lib/domain/opensips/config/syntax/source.ts'
import type { Config, ModuleParameter } from '#lib/domain/opensips/config/syntax/statement.ts'
import type { WarningCode } from '#lib/domain/opensips/reading.ts'
import { isInRange, type SettingName, type Settings, settingRules } from '#lib/domain/settings.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { shortStringLimit, utf8Length } from '#lib/text/characters.ts'

export type Warn = (at: number, code: WarningCode, message: string) => void

export interface ReadParameters {
  readonly settings: Partial<Settings>
  readonly tlsDomains: readonly TlsDomain[]
  /** Whether event_rabbitmq has `use_tls`. */
  readonly usesTls: boolean
  /** Whether TLS domains are kept in a database, so that those of the file are not all. */
  readonly hasTlsDatabase: boolean
}

const settings: readonly string[] = ['heartbeat', 'connect_timeout', 'sync_mode', 'timeout']
/** Parameters of event_rabbitmq that are no settings of evi. */
const others: readonly string[] = ['use_tls', 'server_id']

/** Reads the parameters of event_rabbitmq and tls_mgm; of several for the same name the last one counts. */
export function readParameters({ parameters, modules }: Config, warn: Warn): ReadParameters {
  const matches = moduleMatcher(warn)
  const found = new Map<SettingName, number>()
  const domains = new TlsDomains()
  let usesTls = false
  let hasTlsDatabase = false
  for (const parameter of parameters) {
    const { name, value, at } = parameter
    if (matches(parameter, 'event_rabbitmq')) {
      if (isBeforeModule(at, modules))
        warn(at, 'modparam', 'event_rabbitmq is not loaded before: OpenSIPS does not start with it.')
      if (name === 'use_tls') usesTls = value !== 0
      if (settings.includes(name)) readSetting(parameter, found, warn)
      else if (!others.includes(name))
        warn(at, 'modparam', `event_rabbitmq has no parameter "${name}": OpenSIPS does not start with it.`)
    }
    if (matches(parameter, 'tls_mgm')) {
      if (name === 'db_url') hasTlsDatabase = true
      domains.read(parameter)
    }
  }
  return { settings: Object.fromEntries(found), tlsDomains: domains.all(warn), usesTls, hasTlsDatabase }
}

/** A file without any module is a part of a configuration. */
function isBeforeModule(at: number, modules: Config['modules']): boolean {
  return modules.size > 0 && (modules.get('event_rabbitmq') ?? Number.POSITIVE_INFINITY) > at
}

function readSetting(
  { name, value, at }: ModuleParameter,
  found: Map<SettingName, number>,
  warn: Warn,
): void {
  if (typeof value === 'string') {
    warn(at, 'modparam', `${name} is a number and stands in quotes: OpenSIPS does not start with it.`)
    return
  }
  if (name === 'sync_mode')
    warn(at, 'sync-mode', 'OpenSIPS 3.2 and later do not start with sync_mode; leave it out there.')
  const setting = name as SettingName
  const effective = setting === 'heartbeat' && (value < 1 || value > 65535) ? 0 : value
  if (isInRange(setting, effective)) {
    found.set(setting, effective)
    return
  }
  found.delete(setting)
  const { minimum, maximum } = settingRules[setting]
  const meaning = setting === 'timeout' && value === 0 ? ', for ever in OpenSIPS,' : ''
  warn(
    at,
    'setting',
    `${name} is ${value}${meaning} and is not taken over: evi has ${minimum} to ${maximum}.`,
  )
}

/** Whether a parameter is one of a module: its name is a regular expression for the whole, capitals do not matter. */
function moduleMatcher(warn: Warn): (parameter: ModuleParameter, module: string) => boolean {
  const patterns = new Map<string, RegExp | undefined>()
  return ({ module, at }, name) => {
    if (/^\w+$/.test(module)) return module.toLowerCase() === name
    if (!patterns.has(module)) patterns.set(module, toPattern(module))
    const pattern = patterns.get(module)
    if (pattern) return pattern.test(name)
    if (name === 'event_rabbitmq')
      warn(
        at,
        'modparam',
        'The name of the module is no regular expression: OpenSIPS does not start with it.',
      )
    return false
  }
}

function toPattern(module: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${module})$`, 'i')
  } catch {
    return undefined
  }
}

type Field = 'ca' | 'certificate' | 'privateKey'
const fields: ReadonlyMap<string, Field> = new Map([
  ['ca_list', 'ca'],
  ['certificate', 'certificate'],
  ['private_key', 'privateKey'],
])

/** The client domains of tls_mgm: `client_domain` makes one, the others name theirs in brackets. */
class TlsDomains {
  readonly #madeAt = new Map<string, number>()
  readonly #fields = new Map<string, Map<string, string>>()

  read({ name, value, at }: ModuleParameter): void {
    if (typeof value !== 'string') return
    const text = unicodeOf(value) ?? value
    if (name === 'client_domain') {
      // Up to 2.4 the address followed.
      this.#madeAt.set(text.replace(/\s*=.*/s, ''), at)
      return
    }
    const [, domain, given] = /^\[([^\]]*)\](.*)$/s.exec(text) ?? []
    if (domain === undefined || given === undefined) return
    const known = this.#fields.get(domain) ?? new Map<string, string>()
    this.#fields.set(domain, known)
    known.set(name, given)
  }

  all(warn: Warn): readonly TlsDomain[] {
    return [...this.#madeAt].flatMap(([name, at]) => {
      const given = this.#fields.get(name)
      const domain = { ca: null, certificate: null, privateKey: null } as Record<Field, string | null>
      for (const [parameter, field] of fields) domain[field] = given?.get(parameter) ?? null
      if (name === '' || utf8Length(name) > shortStringLimit) {
        warn(
          at,
          'tls-domain',
          'A client_domain without a name, or with one of more than 255 bytes, is not taken.',
        )
        return []
      }
      if (domain.certificate === null || domain.privateKey === null) {
        warn(
          at,
          'tls-domain',
          `The client_domain "${name}" lacks a certificate or its private_key: its connections fail in OpenSIPS.`,
        )
        // One without the other is of no use to evi, either.
        domain.certificate = domain.privateKey = null
      }
      return { name, ...domain, verifyCert: given?.get('verify_cert')?.trim() !== '0', serverName: null }
    })
  }
}
