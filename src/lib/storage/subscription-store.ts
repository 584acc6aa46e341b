import { parseSocket } from '../domain/parse-socket.ts'
import { type Password, printSocket } from '../domain/socket.ts'
import { isLive, type Subscription, type SubscriptionStore } from '../domain/subscription.ts'
import { ConfigFile, type Document } from './config-file.ts'

/** The persisted subscriptions, in `subscriptions.json` (SPEC 3). */
export class ConfSubscriptionStore implements SubscriptionStore {
  readonly #file: ConfigFile

  constructor(directory: string) {
    this.#file = new ConfigFile(directory, 'subscriptions')
  }

  live(now: Date): Subscription[] {
    return this.#decode(this.#file.read()).filter((subscription) => isLive(subscription, now))
  }

  async update<T>(
    now: Date,
    change: (live: readonly Subscription[]) => { next: readonly Subscription[]; result: T },
  ): Promise<T> {
    return await this.#file.update((document) => {
      const { next, result } = change(
        this.#decode(document).filter((subscription) => isLive(subscription, now)),
      )
      return { next: { subscriptions: next.map(encode) }, result }
    })
  }

  #decode(document: Document | undefined): Subscription[] {
    if (document === undefined) return []
    const { subscriptions } = document
    if (!Array.isArray(subscriptions)) throw this.#file.damaged('has no list "subscriptions"')
    return subscriptions.map((record, index) => {
      const subscription = decode(record)
      if (!subscription) throw this.#file.damaged(`makes no sense at subscription ${index + 1}`)
      return subscription
    })
  }
}

interface Stored {
  readonly event: string
  /** The printed form, which holds all but the password. */
  readonly socket: string
  readonly password?: string
  /** The environment variable that holds the password. */
  readonly passwordEnv?: string
  readonly subscribedAt: string
  readonly expire: number | null
}

function encode({ event, socket, subscribedAt, expire }: Subscription): Stored {
  const { password } = socket
  return {
    event,
    socket: printSocket(socket),
    ...storedPassword(password),
    subscribedAt: subscribedAt.toISOString(),
    expire,
  }
}

function storedPassword(password: Password | undefined): Pick<Stored, 'password' | 'passwordEnv'> {
  if (password === undefined) return {}
  return typeof password === 'string' ? { password } : { passwordEnv: password.env }
}

function decode(record: Partial<Stored> | null): Subscription | undefined {
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
