import type { Broker, Timing } from '#lib/broker/broker.ts'
import { type AddressName, type AddressStore, resolveAddress } from '#lib/domain/address-settings.ts'
import { type ContextStore, defaultContext } from '#lib/domain/context/context.ts'
import {
  defaultManagement,
  type ManagementSetting,
  readManagementSetting,
} from '#lib/domain/management-setting.ts'
import { resolveSettings, type SettingStore, type Settings } from '#lib/domain/settings.ts'
import { type PasswordSources, passwordOf } from '#lib/domain/socket/resolve-password.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { TlsDomain, TlsDomainStore } from '#lib/domain/socket/tls-domain.ts'
import type { SubscriptionStore } from '#lib/domain/subscription/subscription.ts'
import { PasswordFiles } from '#lib/files/password-files.ts'
import type { GuessedManagement } from '#lib/management/management.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'
import type { MiTiming } from '#lib/opensips/transport.ts'
import {
  type ChosenContext,
  chooseContext,
  contextGone,
  contextVariable,
} from '#lib/services/contexts/choose-context.ts'

/** What a command works with: the only place that picks real adapters, each loaded when it is first used. */
export class Context {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly passwords: PasswordSources
  readonly #root: string
  readonly #flag: string | undefined
  readonly #onExposed: (path: string, mode: number) => void
  readonly #onChanged: (path: string) => void
  #chosen: Promise<ChosenContext> | undefined

  /**
   * @param options.name of the context (docs/contexts.md), where the command line gives one
   * @param options.onExposed gets each file with passwords that others can read, and its mode
   * @param options.onChanged gets each file that is not as evi wrote it, once
   */
  constructor(options: {
    configDirectory: string
    name?: string | undefined
    environment: NodeJS.ProcessEnv
    onExposed: (path: string, mode: number) => void
    onChanged: (path: string) => void
  }) {
    this.#root = options.configDirectory
    this.#flag = options.name
    this.environment = options.environment
    const files = new PasswordFiles()
    this.passwords = { environment: this.environment, passwordIn: (file) => files.read(file) }
    this.#onExposed = options.onExposed
    const reported = new Set<string>()
    this.#onChanged = (path) => {
      if (!reported.has(path)) options.onChanged(path)
      reported.add(path)
    }
  }

  /** The context that the command works in. @throws EviError `usage`, `damaged` */
  async chosen(): Promise<ChosenContext> {
    this.#chosen ??= this.contexts().then((store) =>
      chooseContext(store, { flag: this.#flag, variable: this.environment[contextVariable] }),
    )
    return await this.#chosen
  }

  async contexts(): Promise<ContextStore> {
    const { DirectoryContextStore } = await import('#lib/storage/context-store.ts')
    return new DirectoryContextStore(this.#root, { changing, changed: this.#onChanged })
  }

  /** @param context where they are; by default the context that the command works in */
  async subscriptions(context?: Pick<ChosenContext, 'name' | 'directory'>): Promise<SubscriptionStore> {
    const { ConfSubscriptionStore } = await import('#lib/storage/subscription-store.ts')
    const { directory, listener } = await this.#place(context)
    return new ConfSubscriptionStore(directory, { ...listener, exposed: this.#onExposed })
  }

  async storedSettings(): Promise<SettingStore & AddressStore> {
    const { ConfSettingsStore } = await import('#lib/storage/settings-store.ts')
    const { directory, listener } = await this.#place()
    return new ConfSettingsStore(directory, listener)
  }

  async tlsDomains(): Promise<TlsDomainStore> {
    const { ConfTlsDomainStore } = await import('#lib/storage/tls-domain-store.ts')
    const { directory, listener } = await this.#place()
    return new ConfTlsDomainStore(directory, listener)
  }

  /** Where the files of a context are; the directory of the default one is made when it is needed. */
  async #place(context?: Pick<ChosenContext, 'name' | 'directory'>) {
    const { name, directory } = context ?? (await this.chosen())
    const removed = () => contextGone(name)
    const listener = { changing, changed: this.#onChanged }
    return { directory, listener: name === defaultContext ? listener : { ...listener, removed } }
  }

  /** The settings in force; flags go before all others (docs/settings.md). */
  async settings(flags: Partial<Settings>): Promise<Settings> {
    const stored = (await this.storedSettings()).read()
    return resolveSettings({ flags, environment: this.environment, stored })
  }

  /**
   * Opens management APIs for one piece of work, whose requests share one budget of time and memory. The login is the
   * socket's where the URL has none.
   *
   * @param replyTimeout milliseconds for each reply
   */
  managementOpener(replyTimeout: number): (url: URL, socket: Socket) => Promise<GuessedManagement> {
    const loading = async () => {
      const { ManagementBudget } = await import('#lib/management/budget.ts')
      return new ManagementBudget(replyTimeout)
    }
    let loaded: ReturnType<typeof loading> | undefined
    return async (url, socket) => {
      loaded ??= loading()
      const { ManagementApi } = await import('#lib/management/management-api.ts')
      const own = url.username !== ''
      const user = own ? decodeURIComponent(url.username) : socket.user
      const password = own ? decodeURIComponent(url.password) : passwordOf(socket, this.passwords)
      const authorities = url.protocol === 'https:' ? await this.#authoritiesOf(socket) : undefined
      return new ManagementApi({ url, user, password, authorities }, { replyTimeout, budget: await loaded })
    }
  }

  /** What the socket's TLS domain trusts, where it names a file. */
  async #authoritiesOf({ tlsDomain }: Socket): Promise<Buffer | undefined> {
    if (tlsDomain === null) return undefined
    const domain = (await this.tlsDomains()).all().find(({ name }) => name === tlsDomain)
    if (!domain) return undefined
    const { readTlsFiles } = await import('#lib/files/tls-files.ts')
    return readTlsFiles(domain).ca ?? undefined
  }

  /**
   * The OpenSIPS whose address is given by `--opensips`, or else by `EVI_OPENSIPS` or the setting; undefined where none is.
   *
   * @throws EviError `usage`
   */
  async openSips(flag: string | undefined, timing: MiTiming): Promise<OpenSips | undefined> {
    const address =
      flag === undefined ? await this.#address('opensips') : { text: flag, source: '--opensips' }
    if (address === undefined) return undefined
    const { readMiUrl } = await import('#lib/domain/opensips/mi-url.ts')
    const mi = readMiUrl(address.text, address.source)
    const { openMi } = await import('#lib/opensips/mi-client.ts')
    return await openMi(mi, timing)
  }

  /** Where the management API is, by `EVI_MANAGEMENT` or the setting. @throws EviError `usage`, `damaged` */
  async managementSetting(): Promise<ManagementSetting> {
    const address = await this.#address('management')
    if (address === undefined) return defaultManagement
    return readManagementSetting(address.text, address.source)
  }

  async #address(name: AddressName): Promise<{ text: string; source: string } | undefined> {
    const store = await this.storedSettings()
    const { text, from } = resolveAddress(name, {
      environment: this.environment,
      stored: () => store.addresses(),
    })
    if (text === undefined) return undefined
    const source = from === 'environment' ? `EVI_${name.toUpperCase()}` : `The setting ${name}`
    return { text, source }
  }

  /** @param newTlsDomains known beside the stored ones */
  async broker(newTlsDomains: readonly TlsDomain[] = []): Promise<Broker> {
    const { AmqpBroker } = await import('#lib/broker/amqp-broker.ts')
    const tlsDomains = async () => [...newTlsDomains, ...(await this.tlsDomains()).all()]
    return new AmqpBroker({ passwords: this.passwords, tlsDomains })
  }
}

const changing = async () => (await import('#lib/cli/process/after-commit.ts')).standByChange

/** The broker's share of the settings. */
export function timingOf(settings: Settings): Timing {
  return {
    connectTimeout: settings.connect_timeout,
    replyTimeout: settings.timeout,
    heartbeat: settings.heartbeat,
  }
}
