import type { BrokerConnection } from '#lib/broker/broker.ts'
import { failureOf, type PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'

/** Milliseconds; one look at a queue serves all its messages that are returned in them. */
const lookInterval = 1000

interface Look {
  readonly at: number
  /** Undefined where the queue is not down. */
  readonly down: Promise<PublishFailure | undefined>
}

/**
 * Explains why messages came back. On the default exchange, RabbitMQ 3 returns what is for a queue whose node is down as
 * it does what is for no queue at all; only a look at the queue shows the difference.
 */
export function returnExplainer(
  connection: Pick<BrokerConnection, 'findQueue'>,
): (socket: Socket, returned: PublishFailure) => Promise<PublishFailure> {
  const looks = new Map<string, Look>()
  return async ({ exchange, routingKey }, returned) => {
    if (exchange !== '') return returned
    const now = performance.now()
    let look = looks.get(routingKey)
    if (!look || now - look.at > lookInterval) {
      look = { at: now, down: connection.findQueue(routingKey).then(() => undefined, whyDown) }
      looks.set(routingKey, look)
    }
    return (await look.down) ?? returned
  }
}

/** The broker said that the queue's node is down; another failure of the look explains nothing. */
function whyDown(error: unknown): PublishFailure | undefined {
  const saidSo = error instanceof EviError && error.code === 'timeout' && error.cause !== undefined
  return saidSo ? failureOf(error) : undefined
}
