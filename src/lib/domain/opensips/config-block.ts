import type { Settings } from '#lib/domain/settings.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { isBefore, type Version } from './version.ts'
import { quoteForModparam, quoteForRoute } from './write-socket.ts'

/** A subscription whose socket is written for OpenSIPS. */
export interface WrittenSubscription {
  readonly event: string
  readonly socketText: string
  /** Of one line each. */
  readonly notes: readonly string[]
}

export interface BlockContent {
  readonly subscriptions: readonly WrittenSubscription[]
  readonly settings: Partial<Settings>
  readonly tlsDomains: readonly TlsDomain[]
  readonly version: Version
}

/** How a file begins that evi export has written. */
export const exportMark = '# Written by evi export'

/** What is pasted into opensips.cfg. */
export function configBlock({ subscriptions, settings, tlsDomains, version }: BlockContent): string {
  const modules = ['event_rabbitmq', ...(tlsDomains.length > 0 ? ['tls_mgm', 'tls_openssl'] : [])]
  const parameters = [
    ...settingLines(settings, version),
    ...(tlsDomains.length > 0 ? [modparam('event_rabbitmq', 'use_tls', 1)] : []),
    ...tlsDomains.flatMap(domainLines),
  ]
  const lines = [
    `${exportMark} for opensips.cfg, OpenSIPS ${isBefore(version, '3.2') ? 'up to 3.1' : `${version.major}.${version.minor} and later`}.`,
    '# An opensips.cfg has one startup_route: if it is there already, add these lines to it.',
    ...modules.map((module) => `loadmodule "${module}.so"`),
    '',
    ...parameters,
    ...(parameters.length > 0 ? [''] : []),
    'startup_route {',
    ...subscriptions.flatMap(({ event, socketText, notes }) => [
      ...notes.map((note) => `\t# ${note}`),
      `\tsubscribe_event(${quoteForRoute(event)}, ${quoteForRoute(socketText)});`,
    ]),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

/** What is pasted into a shell beside a running OpenSIPS. */
export function miCommands(subscriptions: readonly WrittenSubscription[], version: Version): string {
  // opensips-cli runs only what the MI lists, and 4.0 lists the new names only.
  const isOld = isBefore(version, '4.0')
  const command = isOld ? 'event_subscribe' : 'evi:subscribe'
  const lines = [
    `${exportMark} for a shell, OpenSIPS ${isOld ? 'before 4.0; for 4.0: evi export --mi --for 4.0' : '4.0 and later'}.`,
    '# What is subscribed so ends with OpenSIPS: for good it stands in opensips.cfg.',
    ...subscriptions.flatMap(({ event, socketText, notes }) => [
      ...notes.map((note) => `# ${note}`),
      `opensips-cli -x mi ${command} ${shellWord(`event=${event}`)} ${shellWord(`socket=${socketText}`)}`,
    ]),
  ]
  return `${lines.join('\n')}\n`
}

function settingLines(settings: Partial<Settings>, version: Version): readonly string[] {
  const { connect_timeout: connectTimeout, heartbeat, sync_mode: syncMode, timeout } = settings
  const timeoutLine = timeout === undefined ? undefined : modparam('event_rabbitmq', 'timeout', timeout)
  return [
    ...(heartbeat === undefined ? [] : [modparam('event_rabbitmq', 'heartbeat', heartbeat)]),
    ...(connectTimeout === undefined ? [] : [modparam('event_rabbitmq', 'connect_timeout', connectTimeout)]),
    ...(syncMode === undefined || !isBefore(version, '3.2')
      ? []
      : [modparam('event_rabbitmq', 'sync_mode', syncMode)]),
    ...(timeoutLine === undefined
      ? []
      : isBefore(version, '3.5')
        ? ['# Only OpenSIPS 3.5 and later start with it:', `# ${timeoutLine}`]
        : [timeoutLine]),
  ]
}

function domainLines({ name, ca, certificate, privateKey, verifyCert }: TlsDomain): readonly string[] {
  const parameter = (key: string, value: string | null) =>
    value === null ? [] : [modparam('tls_mgm', key, `[${name}]${value}`)]
  return [
    modparam('tls_mgm', 'client_domain', name),
    ...parameter('match_ip_address', '*'),
    ...parameter('ca_list', ca),
    ...parameter('certificate', certificate),
    ...parameter('private_key', privateKey),
    ...parameter('verify_cert', verifyCert ? '1' : '0'),
  ]
}

function modparam(module: string, name: string, value: string | number): string {
  const written = typeof value === 'number' ? value : quoteForModparam(value)
  return `modparam("${module}", "${name}", ${written})`
}
