import { identityOf, type Socket } from '#lib/domain/socket/socket.ts'
import { type NumberRange, readNumber } from '#lib/text/numbers/read-number.ts'

/** An event's subscriber, as the store keeps it. */
export interface Subscription {
  readonly event: string
  readonly socket: Socket
  /** The socket's printed form without escapes, where that is known without reading the socket. */
  readonly printed?: string | undefined
  readonly subscribedAt: Date
  /** The time to live that the subscription was given, in seconds; null for ever. */
  readonly expire: number | null
}

/** Where subscriptions are kept; a port. */
export interface SubscriptionStore {
  /** The subscriptions that are not expired at `now`, in the order they were made. @throws EviError `damaged` */
  live(now: Date): Subscription[]
  /** The same one by one, for who keeps none of them: memory stays what it is for the file. */
  eachLive(now: Date): Iterable<Subscription>
  /** Those of one event. @throws EviError `damaged` */
  liveOf(event: string, now: Date): Subscription[]
  /**
   * Changes the subscriptions, alone among all processes; the expired ones leave with the same write.
   *
   * @param change what is live in; what to store and the result out
   * @throws EviError `damaged`, `cannot-write`, `busy`, or what `change` throws; nothing is written then
   */
  update<T>(
    now: Date,
    change: (live: readonly Subscription[]) => { next: readonly Subscription[]; result: T },
  ): Promise<T>
}

/** The most seconds a subscription can be given: about 68 years, OpenSIPS's own signed 32 bits. */
const maximumExpire = 2_147_483_647

export const expireRange: NumberRange = {
  min: 1,
  max: maximumExpire,
  integer: true,
  unit: 'seconds',
  hint: 'Without an expiry it lasts until evi unsubscribe.',
}

/**
 * Reads the lifetime of a subscription, in seconds.
 *
 * @param source what the error names, such as `--expire`
 * @throws EviError `usage`
 */
export function readExpire(source: string, text: string): number {
  return readNumber(source, text, expireRange)
}

/** Whole seconds left to live, or null for ever; 0 or less once it is expired. */
export function timeToLive({ subscribedAt, expire }: Subscription, now: Date): number | null {
  return expire === null ? null : Math.ceil(expire - (now.getTime() - subscribedAt.getTime()) / 1000)
}

/** Expired subscriptions are neither raised nor listed (docs/settings.md). */
export function isLive(subscription: Subscription, now: Date): boolean {
  // When it was made is not asked for, which a store may have to read.
  if (subscription.expire === null) return true
  const ttl = timeToLive(subscription, now)
  return ttl === null || ttl > 0
}

/** The same subscriber of the same event. */
export function isSame(one: Subscription, event: string, socket: Socket): boolean {
  return one.event === event && identityOf(one.socket) === identityOf(socket)
}

/**
 * A socket that names no password means the stored one of the same subscriber, that of the same event before all
 * others: what `evi list` prints can be pasted back without resetting the password to the default.
 */
export class StoredPasswords {
  readonly #stored: Iterable<Subscription>
  /** Those that are not looked at yet, by the end of their sockets: only what may be asked for is read. */
  #unread: Map<string, Subscription[]> | undefined
  readonly #bySubscriber = new Map<string, Subscription>()
  readonly #withPassword = new Map<string, Subscription>()

  constructor(stored: Iterable<Subscription>) {
    this.#stored = stored
  }

  /** The socket with its stored password, where it names none. */
  complete(socket: Socket, event?: string): Socket {
    if (socket.password !== undefined) return socket
    this.#unread ??= Map.groupBy(this.#stored, endOf)
    this.#readAlike({ socket })
    const identity = identityOf(socket)
    const known =
      (event && this.#bySubscriber.get(`${event} ${identity}`)) || this.#withPassword.get(identity)
    return known ? { ...socket, password: known.socket.password } : socket
  }

  /** One more is stored. */
  add(subscription: Subscription): void {
    // What is not asked for is not looked up.
    if (!this.#unread) return
    this.#readAlike(subscription)
    this.#enter(subscription)
  }

  #readAlike(one: Pick<Subscription, 'socket'>): void {
    const end = endOf(one)
    for (const alike of this.#unread?.get(end) ?? []) this.#enter(alike)
    this.#unread?.delete(end)
  }

  #enter(subscription: Subscription): void {
    const { event, socket } = subscription
    const identity = identityOf(socket)
    this.#bySubscriber.set(`${event} ${identity}`, subscription)
    if (socket.password !== undefined && !this.#withPassword.has(identity))
      this.#withPassword.set(identity, subscription)
  }
}

/** The end of the routing key that is the same in each way of printing the socket: what follows the last `/` or `?`. */
function endOf(one: Pick<Subscription, 'printed' | 'socket'>): string {
  const text = one.printed ?? one.socket.routingKey
  return text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf('?')) + 1)
}
