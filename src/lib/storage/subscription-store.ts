import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import { isLive, type Subscription, type SubscriptionStore } from '#lib/domain/subscription/subscription.ts'
import { ConfigFile, type Document, type StorageListener, version } from './config-file.ts'
import { findRecords, type StoredRecord, toLines } from './subscription-records.ts'

/** The persisted subscriptions, in `subscriptions.json` (docs/settings.md). */
export class ConfSubscriptionStore implements SubscriptionStore {
  readonly #file: ConfigFile
  /** The records of subscriptions that were read, which are written as they were. */
  readonly #records = new WeakMap<Subscription, StoredRecord>()

  constructor(directory: string, listener?: StorageListener) {
    this.#file = new ConfigFile(directory, 'subscriptions', { serialize, listener })
  }

  live(now: Date): Subscription[] {
    return this.#decode(this.#file.read()).filter((subscription) => isLive(subscription, now))
  }

  liveOf(event: string, now: Date): Subscription[] {
    const bytes = this.#file.readBytes()
    if (bytes === undefined) return []
    const found = findRecords(event, version, bytes)
    const subscriptions = found
      ? this.#decodeAll(found)
      : this.#decode(this.#file.parse(bytes)).filter((subscription) => subscription.event === event)
    return subscriptions.filter((subscription) => isLive(subscription, now))
  }

  async update<T>(
    now: Date,
    change: (live: readonly Subscription[]) => { next: readonly Subscription[]; result: T },
  ): Promise<T> {
    return await this.#file.update((document) => {
      const { next, result } = change(
        this.#decode(document).filter((subscription) => isLive(subscription, now)),
      )
      return { next: { subscriptions: next.map((one) => this.#records.get(one) ?? encode(one)) }, result }
    })
  }

  #decode(document: Document | undefined): Subscription[] {
    if (document === undefined) return []
    const { subscriptions } = document
    if (!Array.isArray(subscriptions)) throw this.#file.damaged('has no list "subscriptions"')
    return this.#decodeAll(subscriptions)
  }

  #decodeAll(records: readonly StoredRecord[]): Subscription[] {
    return records.map((record, index) => {
      const subscription = decode(record)
      if (!subscription) throw this.#file.damaged(`makes no sense at subscription ${index + 1}`)
      this.#records.set(subscription, record)
      return subscription
    })
  }
}

function serialize({ version, subscriptions }: Document): string {
  return toLines(version, subscriptions as readonly StoredRecord[])
}

function encode({ event, socket, subscribedAt, expire }: Subscription): StoredRecord {
  const { password } = socket
  return {
    event,
    socket: printSocket(socket),
    ...(typeof password === 'string' ? { password } : {}),
    ...(typeof password === 'object' ? { passwordEnv: password.env } : {}),
    subscribedAt: subscribedAt.toISOString(),
    expire,
  }
}

function decode(record: Partial<StoredRecord> | null): Subscription | undefined {
  if (typeof record !== 'object' || record === null) return undefined
  const { event, socket, password, passwordEnv, expire } = record
  if (typeof event !== 'string' || typeof socket !== 'string') return undefined
  if (typeof record.subscribedAt !== 'string') return undefined
  const subscribedAt = new Date(record.subscribedAt)
  if ([password, passwordEnv].some((text) => text !== undefined && typeof text !== 'string')) return undefined
  if (Number.isNaN(subscribedAt.getTime()) || !(expire === null || Number.isInteger(expire))) return undefined
  try {
    return {
      event,
      socket: {
        ...parseSocket(socket),
        password: passwordEnv === undefined ? password : { env: passwordEnv },
      },
      subscribedAt,
      expire: expire as number | null,
    }
  } catch {
    return undefined
  }
}
