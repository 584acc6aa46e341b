import { withDeadline } from '#lib/async/deadline.ts'
import type { Broker, BrokerConnection } from '#lib/broker/broker.ts'
import { connectionKeyOf, destinationOf, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { byGravity } from '#lib/exit-codes.ts'
import { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import type { LocatedSubscriber } from '#lib/services/opensips/locate-subscribers.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import type { ProvenSubscriber } from './proven-subscriber.ts'
import { WatchedPlace, type WatchOptions } from './watched-place.ts'

/** The places of all subscribers, each watched once however many share it. */
export class WatchedPlaces {
  readonly #places: readonly WatchedPlace[]
  readonly #located: readonly LocatedSubscriber[]
  readonly #connections: readonly BrokerConnection[]

  constructor(
    located: readonly LocatedSubscriber[],
    places: readonly WatchedPlace[],
    connections: readonly BrokerConnection[],
  ) {
    this.#located = located
    this.#places = places
    this.#connections = connections
  }

  /** @throws EviError where no place can be watched, so that nothing would be proven: the gravest reason */
  requireOne(): void {
    if (this.#places.some(({ failure }) => failure === undefined)) return
    const failures = this.#places.flatMap(({ failure }) => failure ?? [])
    const [gravest = noLogin(this.#located)] = failures.sort((one, other) => byGravity(one.code, other.code))
    throw new EviError(gravest.code, `${gravest.message} The event was not raised.`, { hint: gravest.hint })
  }

  /** An attempt begins now. */
  async begin(): Promise<void> {
    await Promise.all(this.#places.map((place) => place.begin()))
  }

  /** Waits until all of this attempt came, or for the milliseconds. */
  async wait(milliseconds: number): Promise<void> {
    const over = new AbortController()
    const complete = Promise.all(this.#places.map((place) => place.complete(over.signal)))
    await withDeadline(complete, milliseconds)
    over.abort()
    await Promise.all(this.#places.map((place) => place.count()))
  }

  /** Whether nothing came to a place that is seen. */
  get lacksSome(): boolean {
    return this.#places.some((place) => place.lacksSome)
  }

  /** In the order of the subscribers. */
  results(): readonly ProvenSubscriber[] {
    const ranks = new Map<WatchedPlace, number>()
    return this.#located.map((located) => {
      const { printed, socket } = located
      const place = this.#places.find((one) => socket && destinationOf(one.socket) === destinationOf(socket))
      if (!socket || !place) return unlocated(located)
      const rank = ranks.get(place) ?? 0
      ranks.set(place, rank + 1)
      return place.resultOf({ printed, socket }, rank)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()))
  }
}

/** Opens a consumer at each place; what keeps one from it is part of its result. */
export async function watchPlaces(
  located: readonly LocatedSubscriber[],
  options: WatchOptions,
  broker: Broker,
): Promise<WatchedPlaces> {
  const sockets = located.flatMap(({ socket, hasLogin }) => (socket && hasLogin ? socket : []))
  const places = [...Map.groupBy(sockets, destinationOf).values()].map(
    (same) => new WatchedPlace(same[0] as Socket, same.length, options),
  )
  const connections: BrokerConnection[] = []
  const open = async (group: readonly WatchedPlace[]) => {
    try {
      const [{ socket }] = group as [WatchedPlace]
      const connection = await broker.connect(socket, options.timing)
      connections.push(connection)
      for (const place of group) await place.open(connection)
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      for (const place of group) place.failure ??= error
    }
    grantTogether(group)
  }
  const groups = Map.groupBy(places, ({ socket }) => connectionKeyOf(socket))
  await Promise.all([...groups.values()].map(open))
  return new WatchedPlaces(located, places, connections)
}

/**
 * The places share a login, which is that of OpenSIPS: what it takes to publish to them and to watch them is granted by one
 * command, as each replaces what another one granted.
 */
function grantTogether(places: readonly WatchedPlace[]): void {
  const permissions = new LoginPermissions(
    places.map(({ socket }) => socket),
    places.map(({ watched }) => watched),
  )
  for (const place of places) {
    if (place.failure) place.failure = permissions.inError(place.socket, place.failure)
  }
}

function noLogin([first]: readonly LocatedSubscriber[]): EviError {
  const { reason, hint } = unlocated(first as LocatedSubscriber)
  return new EviError('unknown', reason ?? '', { hint: hint ?? undefined })
}

/** A subscriber whose place evi cannot reach, as OpenSIPS prints no passwords and often not the whole address. */
function unlocated({ printed, socket }: LocatedSubscriber): ProvenSubscriber {
  const login = socket && printSocket(socket).replace('@', ':PASSWORD@')
  return {
    printed,
    socket: socket ?? null,
    status: 'unseen',
    attempt: null,
    ms: null,
    code: 'unknown',
    reason:
      socket === undefined
        ? `OpenSIPS does not print the port of ${printed}, and evi has no socket that fits.`
        : `OpenSIPS does not print the password of ${printed}, and evi has none for it.`,
    hint: `Give it: --socket ${login === undefined ? 'rabbitmq:USER:PASSWORD@HOST:PORT/...' : shellWord(login)}`,
  }
}
