import { identityOf, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { StoredPasswords, type Subscription } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/**
 * Each socket once, the last one of several.
 *
 * @param keyOf what sockets that count as one have in common; by default they are the same subscriber
 */
export function distinctSockets(
  sockets: readonly Socket[],
  keyOf: (socket: Socket) => string = identityOf,
): readonly Socket[] {
  return [...new Map(sockets.map((socket) => [keyOf(socket), socket])).values()]
}

/**
 * Each of the sockets that were given once, those that name no password with the stored one.
 *
 * @param readLive reads the subscriptions, where they are needed
 */
export function completeSockets(
  given: readonly Socket[],
  readLive: () => readonly Subscription[],
): readonly Socket[] {
  const sockets = distinctSockets(given)
  if (sockets.every(({ password }) => password !== undefined)) return sockets
  const passwords = new StoredPasswords(readLive())
  return sockets.map((socket) => passwords.complete(socket))
}

/** Finds the sockets of an event's subscribers, each once. */
export function socketsByEvent(live: readonly Subscription[]): (event: string) => readonly Socket[] {
  const groups = Map.groupBy(live, ({ event }) => event)
  const sockets = new Map<string, readonly Socket[]>()
  return (event) => {
    const group = groups.get(event)
    if (!group) return none
    const found = sockets.get(event) ?? distinctSockets(group.map(({ socket }) => socket))
    sockets.set(event, found)
    return found
  }
}

const none: readonly Socket[] = []

/**
 * Refuses to go on without a subscriber of the events, or of any where none is named.
 *
 * @throws EviError `no-subscriber` when there is no subscriber
 */
export function requireSubscribers(sockets: readonly Socket[], events: readonly string[]): void {
  if (sockets.length > 0) return
  const [event, ...others] = events
  const message = event
    ? `${[event, ...others].join(', ')} ${others.length > 0 ? 'have' : 'has'} no subscribers.`
    : 'There are no subscriptions.'
  throw new EviError('no-subscriber', message, {
    hint: `Subscribe a socket: evi subscribe ${event ?? 'EVENT'} rabbitmq:user:password@host:5672/routing_key`,
  })
}

/** The queues of a hint. */
const mostNamed = 10

/**
 * Refuses sockets that lead to an exchange where a flag is for queues.
 *
 * @throws EviError `usage` for a socket that leads to an exchange and not to a queue, which `flag` is for
 */
export function refuseNamedExchanges(flag: string, sockets: readonly Socket[]): void {
  const named = sockets.find(({ exchange }) => exchange !== '')
  if (named === undefined) return
  const queues = sockets.filter(({ exchange }) => exchange === '')
  const words = queues.slice(0, mostNamed).map((queue) => `--socket ${shellWord(printSocket(queue))}`)
  const these = queues.length === 1 ? 'the queue' : 'the queues'
  const such = queues.length > mostNamed ? ', such as' : ''
  throw new EviError('usage', `${flag} is for a queue, and ${printSocket(named)} leads to an exchange.`, {
    hint:
      words.length > 0
        ? `Name ${these} instead of the event${such}: ${words.join(' ')}`
        : 'Name a queue of the default exchange: --socket rabbitmq:HOST/QUEUE',
  })
}
