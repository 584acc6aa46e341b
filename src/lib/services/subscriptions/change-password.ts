import type { Broker, Timing } from '#lib/broker/broker.ts'
import {
  connectionKeyOf,
  type Host,
  type Password,
  printAddress,
  type Socket,
} from '#lib/domain/socket/socket.ts'
import type { Subscription, SubscriptionStore } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { type ErrorCode, gravestExit } from '#lib/exit-codes.ts'
import { distinctSockets } from './select-sockets.ts'
import { isSamePassword, keyOf } from './subscribe.ts'

/** Which subscriptions get the password; what is undefined leaves none out. */
export interface PasswordFilter {
  readonly event: string | undefined
  /** A host of the socket, as `host` or `host:port`. */
  readonly host: string | undefined
  readonly user: string | undefined
}

/** A login with the new password, and what the broker said. */
export interface LoginTrial {
  /** One of those that log in so. */
  readonly socket: Socket
  readonly failure?: { readonly code: ErrorCode; readonly reason: string; readonly hint: string | undefined }
}

export interface PasswordChange {
  /** One for each login; empty where none was to be tried. */
  readonly trials: readonly LoginTrial[]
  /** Those that had another one, as they were; empty where a trial failed. */
  readonly changed: readonly Subscription[]
  /** How many had it already. */
  readonly kept: number
  readonly exit: number
}

/**
 * The subscriptions that the filter names. A login by certificate has no password, so those are left out.
 *
 * @throws EviError `no-subscriber` where there is none
 */
export function subscriptionsWithPassword(
  live: readonly Subscription[],
  { event, host, user }: PasswordFilter,
): readonly Subscription[] {
  const found = live.filter(
    ({ event: name, socket }) =>
      (event === undefined || name === event) &&
      (user === undefined || socket.user === user) &&
      (host === undefined || socket.hosts.some((one) => isNamed(one, host))) &&
      !socket.anonymous,
  )
  if (found.length > 0) return found
  throw new EviError('no-subscriber', 'No subscription with a password fits.', {
    hint: 'See events, hosts and users: evi list',
  })
}

/**
 * Gives the subscriptions a new password, all in one write, once every login with it has worked.
 *
 * @param check whether to try the password at the brokers before it is stored
 * @throws EviError `damaged`, `cannot-write`, `busy`
 */
export async function changePassword(
  request: {
    readonly subscriptions: readonly Subscription[]
    readonly password: Password
    readonly check: boolean
    readonly timing: Timing
  },
  { broker, store, now }: { readonly broker: Broker; readonly store: SubscriptionStore; readonly now: Date },
): Promise<PasswordChange> {
  const { subscriptions, password, timing } = request
  const sockets = subscriptions.map(({ socket }) => ({ ...socket, password }))
  const logins = request.check ? distinctSockets(sockets, connectionKeyOf) : []
  const trials = await Promise.all(logins.map((socket) => tryLogin(socket, timing, broker)))
  const failures = trials.flatMap(({ failure }) => failure?.code ?? [])
  if (failures.length > 0) return { trials, changed: [], kept: 0, exit: gravestExit(failures) }
  const keys = new Set(subscriptions.map(keyOf))
  const { changed, kept } = await store.update(now, (live) => {
    const chosen = live.filter((one) => keys.has(keyOf(one)))
    const differing = new Set(chosen.filter(({ socket }) => !isSamePassword(socket.password, password)))
    const next = live.map((one) => (differing.has(one) ? withPassword(one, password) : one))
    return { next, result: { changed: [...differing], kept: chosen.length - differing.size } }
  })
  return { trials, changed, kept, exit: 0 }
}

function withPassword(
  { event, socket, subscribedAt, expire }: Subscription,
  password: Password,
): Subscription {
  return { event, socket: { ...socket, password }, subscribedAt, expire }
}

async function tryLogin(socket: Socket, timing: Timing, broker: Broker): Promise<LoginTrial> {
  try {
    await (await broker.connect(socket, timing)).close()
    return { socket }
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    return { socket, failure: { code: error.code, reason: error.message, hint: error.hint } }
  }
}

function isNamed(host: Host, name: string): boolean {
  return [host.host, printAddress(host)].some((one) => one.toLowerCase() === name.toLowerCase())
}
