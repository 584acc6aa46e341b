import type { Broker, Timing } from './broker/broker.ts'
import { passwordOf } from './domain/password.ts'
import { resolveSettings, type Settings } from './domain/settings.ts'
import type { Socket } from './domain/socket.ts'
import type { SubscriptionStore } from './domain/subscription.ts'
import type { TlsDomain, TlsDomainStore } from './domain/tls-domain.ts'
import type { Management } from './management/management.ts'
import type { StorageListener } from './storage/config-file.ts'
import type { SettingsStore } from './storage/settings-store.ts'

/** What a command works with: the only place that picks real adapters, each loaded when it is first used. */
export class Context {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly #directory: string
  readonly #storageListener: StorageListener

  /** @param options.onExposed is told of a file that others could read until now, and of the mode it had */
  constructor(options: {
    configDirectory: string
    environment: NodeJS.ProcessEnv
    onExposed: StorageListener['exposed']
  }) {
    this.#directory = options.configDirectory
    this.environment = options.environment
    this.#storageListener = {
      exposed: options.onExposed,
      changing: async () => (await import('./terminal/stand-by-change.ts')).standByChange,
    }
  }

  async subscriptions(): Promise<SubscriptionStore> {
    const { ConfSubscriptionStore } = await import('./storage/subscription-store.ts')
    return new ConfSubscriptionStore(this.#directory, this.#storageListener)
  }

  async storedSettings(): Promise<SettingsStore> {
    const { SettingsStore } = await import('./storage/settings-store.ts')
    return new SettingsStore(this.#directory, this.#storageListener)
  }

  async tlsDomains(): Promise<TlsDomainStore> {
    const { ConfTlsDomainStore } = await import('./storage/tls-domain-store.ts')
    return new ConfTlsDomainStore(this.#directory, this.#storageListener)
  }

  /** The settings that hold, those given by flag before all others (SPEC 3). */
  async settings(flags: Partial<Settings>): Promise<Settings> {
    const stored = (await this.storedSettings()).read()
    return resolveSettings({ flags, environment: this.environment, stored })
  }

  /** The management API at the URL, whose login is the socket's where the URL has none. */
  async management(url: URL, socket: Socket, replyTimeout: number): Promise<Management> {
    const { ManagementApi } = await import('./management/management-api.ts')
    const own = url.username !== ''
    const user = own ? decodeURIComponent(url.username) : socket.user
    const password = own ? decodeURIComponent(url.password) : passwordOf(socket, this.environment)
    return new ManagementApi({ url, user, password }, replyTimeout)
  }

  /** @param newTlsDomains those it shall know beside the stored ones */
  async broker(newTlsDomains: readonly TlsDomain[] = []): Promise<Broker> {
    const { AmqpBroker } = await import('./broker/amqp-broker.ts')
    const tlsDomains = async () => [...newTlsDomains, ...(await this.tlsDomains()).all()]
    return new AmqpBroker({ environment: this.environment, tlsDomains })
  }
}

/** The broker's share of the settings. */
export function timingOf(settings: Settings): Timing {
  return {
    connectTimeout: settings.connect_timeout,
    replyTimeout: settings.timeout,
    heartbeat: settings.heartbeat,
  }
}
