import { lookupText, type Subscriber } from '#lib/domain/opensips/subscriber.ts'
import type { Version } from '#lib/domain/opensips/version.ts'
import { defaultUser, type Socket } from '#lib/domain/socket/socket.ts'
import type { EventSubscribers, OpenSips } from '#lib/opensips/opensips.ts'
import { type AskingListener, askForEach } from './asking.ts'
import { KnownSockets } from './known-sockets.ts'

/** A subscriber of OpenSIPS, and the socket by which evi reaches the same place. */
export interface LocatedSubscriber extends Subscriber {
  /** With its port; undefined where that is not found, and for other transports than rabbitmq. */
  readonly socket: Socket | undefined
  /** Whether the socket has the password of its user. */
  readonly hasLogin: boolean
}

export interface LocatedEvent {
  readonly event: string
  /** All of them, in OpenSIPS's order. */
  readonly subscribers: readonly LocatedSubscriber[]
}

export interface LocateRequest {
  readonly version: Version
  /** Those that evi knows, which lend ports and logins to what OpenSIPS prints. */
  readonly known: readonly Socket[]
  /** Ask for ports and default logins also where none of those fits, which takes several requests for each. */
  readonly guess: boolean
  readonly listener: AskingListener
}

/**
 * Finds the port and the login that OpenSIPS does not print, among those of evi's own sockets and the default ones. OpenSIPS is
 * asked whether it has the subscriber with that port, exchange and routing key: one request each at least, as its MI takes no
 * batches.
 */
export async function locateSubscribers(
  events: readonly EventSubscribers[],
  { version, known, guess, listener }: LocateRequest,
  openSips: OpenSips,
): Promise<readonly LocatedEvent[]> {
  const sockets = new KnownSockets(known, version)
  const likely = new Set<number>()
  const located = new Map<Subscriber, LocatedSubscriber>()
  const locate = async ({ event, alike }: Alike) => {
    const [{ printed }] = alike
    const waiting = [...alike]
    const tried = new Set<string | undefined>([undefined])
    for (const { socket, isLent } of sockets.candidatesFor(printed, { guess, likely })) {
      const [subscriber] = waiting
      if (subscriber === undefined) break
      const text = lookupText(socket, printed, version)
      if (tried.has(text)) continue
      tried.add(text)
      if (!(await openSips.hasSubscriber(event, text as string))) continue
      waiting.shift()
      likely.add(socket.hosts[0].port)
      located.set(subscriber, { ...subscriber, socket, hasLogin: isLent || socket.user === defaultUser })
    }
  }
  await askForEach(events.flatMap(alikeOf), locate, { openSips, listener })
  const found = (one: Subscriber) => located.get(one) ?? { ...one, socket: undefined, hasLogin: false }
  return events.map(({ event, subscribers }) => ({ event, subscribers: subscribers.map(found) }))
}

/** Rabbitmq subscribers of one event that print alike, as those do that differ in the port. */
interface Alike {
  readonly event: string
  readonly alike: readonly [Subscriber, ...Subscriber[]]
}

function alikeOf({ event, subscribers }: EventSubscribers): readonly Alike[] {
  const rabbitmq = subscribers.filter(({ transport }) => transport === 'rabbitmq')
  const groups = Map.groupBy(rabbitmq, ({ printed }) => printed)
  return [...groups.values()].map((alike) => ({ event, alike: alike as [Subscriber, ...Subscriber[]] }))
}
