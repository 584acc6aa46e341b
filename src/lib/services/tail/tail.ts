import { RetryBudget } from '#lib/async/retry-budget.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker } from '#lib/broker/broker.ts'
import { connectionKeyOf } from '#lib/domain/socket/socket.ts'
import { ChannelLimit, EviError } from '#lib/errors.ts'
import { type Attempt, ConnectionWatcher } from './connection-watcher.ts'
import { areSame, noneLeft } from './none-left.ts'
import { type Failure, openingGroups } from './openings.ts'
import { describe } from './outage-reports.ts'
import type { TailListener, TailRequest } from './tail-request.ts'
import { WatchedSocket } from './watched-socket.ts'

/**
 * Watches what is published to the sockets until the signal stops it: those that can be watched, while what is
 * unreachable or lost is tried again with growing delays.
 *
 * @throws EviError where no socket is left, the gravest of what kept them from being watched; `interrupted` where the signal
 *   stops it before anything is watched
 */
export async function tail(request: TailRequest, broker: Broker): Promise<void> {
  const ending = new AbortController()
  const { promise: announced, resolve: announce } = Promise.withResolvers<void>()
  const signal = AbortSignal.any([request.signal, ending.signal])
  const sockets = request.sockets.map((socket) => new WatchedSocket(socket, request, announced))
  const givenUp: Failure[] = []
  const onGivenUp = (failures: readonly Failure[]) => {
    givenUp.push(...failures)
    const all = failures.length === sockets.length && areSame(failures)
    if (!all) request.listener.unwatched(failures.map((failure) => describe(failure)))
  }
  const logins = Map.groupBy(sockets, ({ socket }) => connectionKeyOf(socket))
  const watchers = connectionsFor([...logins.values()]).map(
    (group) =>
      new ConnectionWatcher(group, {
        request: { ...request, signal },
        broker,
        logins,
        announced,
        onGivenUp,
      }),
  )
  try {
    const all = await unlessStopped(signal, startAll(watchers, { ...request, signal }))
    // Until something is watched, only an interrupt stops it.
    if (all === 'stopped') throw new EviError('interrupted', 'Interrupted before anything was watched.')
    const attempts = all.map(({ attempt }) => attempt)
    refuseStart(attempts, request)
    for (const { watcher, attempt } of all) watcher.accept(attempt)
    request.listener.watching(attempts.flatMap(({ watched }) => watched))
    announce()
    await Promise.all(all.map(({ watcher }) => watcher.keepWatching()))
    if (givenUp.length === sockets.length) throw noneLeft(givenUp, 'sockets can be watched')
  } finally {
    request.listener.waiting([])
    ending.abort()
  }
}

/** A watcher, and what came of its first attempt. */
interface Started {
  readonly watcher: ConnectionWatcher
  readonly attempt: Attempt
}

/**
 * Starts all. Where nothing can be watched as other programs have the channels of a user, it waits for one no longer than for a
 * reply.
 */
async function startAll(
  watchers: readonly ConnectionWatcher[],
  { listener, signal, timing }: TailRequest,
): Promise<readonly Started[]> {
  const refusals = new RetryBudget(timing.replyTimeout)
  let started = await attemptAll(watchers, listener)
  while (started.every(({ attempt }) => attempt.watched.length === 0)) {
    const refused = started.filter(({ attempt }) => metChannelLimit(attempt))
    if (refused.length === 0 || signal.aborted || refusals.failed() === undefined) break
    const again = refused.map(({ watcher }) => watcher)
    const others = started.filter((one) => !refused.includes(one))
    started = [...others, ...(await attemptAll(again, listener))]
  }
  listener.waiting([])
  return started
}

function metChannelLimit({ failures }: Attempt): boolean {
  return failures.length > 0 && failures.every(({ error }) => error instanceof ChannelLimit)
}

/** Has all make an attempt, and says which of them are waited for; the last one still is, as it may have to try again. */
async function attemptAll(
  watchers: readonly ConnectionWatcher[],
  listener: TailListener,
): Promise<readonly Started[]> {
  const left = new Set(watchers)
  const say = () => {
    if (left.size > 0) listener.waiting([...left].map(({ place }) => place))
  }
  say()
  const started = await Promise.all(
    watchers.map(async (watcher) => {
      const attempts = await start(watcher)
      left.delete(watcher)
      say()
      return attempts
    }),
  )
  return started.flat()
}

/** Has a watcher make its first attempt, and another one for what has no channel there, and so on. */
async function start(first: ConnectionWatcher): Promise<readonly Started[]> {
  const started: Started[] = []
  let watcher: ConnectionWatcher | undefined = first
  while (watcher) {
    const attempt: Attempt = await watcher.attempt()
    started.push({ watcher, attempt })
    watcher = attempt.left.length > 0 ? watcher.besides(attempt.left) : undefined
  }
  return started
}

/** Consumers on one connection, half of the channels that RabbitMQ allows by default: opening one takes another for a while. */
const mostConsumers = 1000

/** The sockets by the connections that they need: one for each login, more where there are too many consumers for one. */
function connectionsFor(
  logins: readonly (readonly WatchedSocket[])[],
): readonly (readonly WatchedSocket[])[] {
  return logins.flatMap((login) => {
    const groups = openingGroups(login)
    const connections = Map.groupBy(groups.keys(), (at) => Math.floor(at / mostConsumers))
    return [...connections.values()].map((places) => places.flatMap((at) => groups[at] ?? []))
  })
}

/** @throws EviError where no socket can be watched or, where it is asked for, one cannot */
function refuseStart(attempts: readonly Attempt[], { strict, listener }: TailRequest): void {
  const failures = attempts.flatMap((attempt) => attempt.failures)
  const [first] = failures
  const none = attempts.every(({ watched }) => watched.length === 0)
  if (first === undefined || !(none || strict)) return
  if (none && !areSame(failures)) listener.unwatched(failures.map((failure) => describe(failure)))
  if (none) throw noneLeft(failures, 'sockets can be watched')
  const { code, message, hint } = first.error
  throw new EviError(code, `${first.socket.printed}: ${message}`, { hint, cause: first.error })
}
