import type { BrokerConnection, Message, PublisherListener } from '#lib/broker/broker.ts'
import { failureOf, type PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'

/** Milliseconds; one look at a queue serves all its messages that are returned in them. */
const lookInterval = 1000
/** Looks in that time, but for those that find a queue down: many queues that are not there must not slow down a stream. */
const mostLooks = 20

/** Milliseconds to wait for what is in flight, which in a stream there always is. */
const longestInFlight = 100

type ExplainReturn = (socket: Socket, returned: PublishFailure) => Promise<PublishFailure>

interface Look {
  readonly at: number
  /** Undefined where the queue is not down. */
  readonly down: Promise<PublishFailure | undefined>
}

/**
 * Explains why messages came back. On the default exchange, RabbitMQ 3 returns what is for a queue whose node is down as
 * it does what is for no queue at all; only a look at the queue shows the difference.
 */
export function returnExplainer(connection: Pick<BrokerConnection, 'findQueue'>): ExplainReturn {
  const looks = new Map<string, Look>()
  let interval = { start: 0, looks: 0 }
  return async ({ exchange, routingKey }, returned) => {
    if (exchange !== '') return returned
    const now = performance.now()
    let look = looks.get(routingKey)
    if (!look || now - look.at > lookInterval) {
      if (now - interval.start > lookInterval) interval = { start: now, looks: 0 }
      if (interval.looks++ >= mostLooks) return returned
      look = { at: now, down: connection.findQueue(routingKey).then(() => undefined, whyDown) }
      looks.set(routingKey, look)
    }
    const down = await look.down
    if (down) interval.looks--
    return down ?? returned
  }
}

/**
 * The listener, for which returned messages are explained. A look takes a channel, and a user who may have no more loses the
 * connection for it: it waits for what is in flight, as far as that ends.
 *
 * @param isBusy whether messages are in flight
 */
export function explainReturns<M extends Message>(
  listener: PublisherListener<M>,
  explain: ExplainReturn,
  isBusy: () => boolean,
): PublisherListener<M> {
  const returned: (() => void)[] = []
  let timer: NodeJS.Timeout | undefined
  const explainAll = () => {
    clearTimeout(timer)
    timer = undefined
    for (const one of returned.splice(0)) one()
  }
  return {
    settled: (message, socket, outcome) => {
      if ('code' in outcome && outcome.code === 'unroutable') {
        returned.push(() => {
          void explain(socket, outcome).then((why) => listener.settled(message, socket, why))
        })
        timer ??= setTimeout(explainAll, longestInFlight)
      } else listener.settled(message, socket, outcome)
      if (returned.length > 0 && !isBusy()) explainAll()
    },
    resending: (message, socket) => listener.resending(message, socket),
    held: (change) => listener.held(change),
    ended: (reason, open) => listener.ended(reason, open),
  }
}

/** The broker said that the queue's node is down; another failure of the look explains nothing. */
function whyDown(error: unknown): PublishFailure | undefined {
  const saidSo = error instanceof EviError && error.code === 'timeout' && error.cause !== undefined
  return saidSo ? failureOf(error) : undefined
}
