import { parseSocket } from '../domain/parse-socket.ts'
import { printSocket } from '../domain/socket.ts'
import { isLive, type Subscription, type SubscriptionStore } from '../domain/subscription.ts'
import { ConfigFile, type Document } from './config-file.ts'

/** The persisted subscriptions, in `subscriptions.json` (SPEC 3). */
export class ConfSubscriptionStore implements SubscriptionStore {
  readonly #file: ConfigFile
  /** The records of subscriptions that were read, which are written as they were. */
  readonly #records = new WeakMap<Subscription, Stored>()

  constructor(directory: string) {
    this.#file = new ConfigFile(directory, 'subscriptions', { serialize })
  }

  live(now: Date): Subscription[] {
    return this.#decode(this.#file.read()).filter((subscription) => isLive(subscription, now))
  }

  liveOf(event: string, now: Date): Subscription[] {
    const isWanted = (record: Partial<Stored> | null) => record?.event === event
    return this.#decode(this.#file.read(), isWanted).filter((subscription) => isLive(subscription, now))
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

  #decode(
    document: Document | undefined,
    isWanted: (record: Partial<Stored> | null) => boolean = () => true,
  ): Subscription[] {
    if (document === undefined) return []
    const { subscriptions } = document
    if (!Array.isArray(subscriptions)) throw this.#file.damaged('has no list "subscriptions"')
    return subscriptions.flatMap((record, index) => {
      if (!isWanted(record)) return []
      const subscription = decode(record)
      if (!subscription) throw this.#file.damaged(`makes no sense at subscription ${index + 1}`)
      this.#records.set(subscription, record)
      return [subscription]
    })
  }
}

/** A line for each subscription: less than conf's own form, and twice as fast to read. */
function serialize({ version, subscriptions }: Document): string {
  const lines = (subscriptions as readonly Stored[]).map((record) => JSON.stringify(record))
  return `{"version":${version},"subscriptions":[\n${lines.join(',\n')}\n]}\n`
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
    ...(typeof password === 'string' ? { password } : {}),
    ...(typeof password === 'object' ? { passwordEnv: password.env } : {}),
    subscribedAt: subscribedAt.toISOString(),
    expire,
  }
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
