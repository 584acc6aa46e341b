import type { BrokerConnection, Consumer, ConsumerRequest } from '#lib/broker/broker.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import { examineExchange } from '#lib/services/tail/examine-exchange.ts'
import type { Arrivals } from './arrivals.ts'

/** How evi sees what comes to a subscriber's place; `count`: only by the number of messages that wait in its queue. */
export interface SubscriberWatch {
  readonly by: Consumer['kind'] | 'count'
  /** Messages ready and consumers of the queue; undefined where they cannot be seen. */
  queue(): Promise<{ readonly messages: number; readonly consumers: number } | undefined>
  /** The first messages of the queue, which get marked as redelivered; none where that would do harm. */
  peek(limit: number): Promise<readonly Buffer[]>
}

/**
 * Watches what comes to the socket's place and takes nothing from others: a copy of a named exchange, a stand-in for a
 * queue that is not there, along with a stream. Of a queue that has its consumers there is only the firehose, if an admin has
 * turned it on, and the number of its messages.
 *
 * @throws EviError why nothing can be seen
 */
export async function watchSubscriber(
  socket: Socket,
  connection: BrokerConnection,
  { arrivals, findManagement }: { readonly arrivals: Arrivals; readonly findManagement: ManagementFinder },
): Promise<SubscriberWatch> {
  const onMessages: ConsumerRequest['onMessages'] = async (messages) => {
    const at = performance.now()
    // A fanout or a pattern brings what went there by other keys, too.
    const own = messages.filter(({ routingKey }) => routingKey === socket.routingKey)
    for (const { body } of own) arrivals.add(body, at)
  }
  const open = async (request: Pick<ConsumerRequest, 'mode' | 'bindingArguments'>) =>
    await connection.openConsumer({
      socket,
      bindingKey: undefined,
      onMessages,
      onOverflow: () => {},
      ...request,
    })
  const queue = async () => await queueOf(socket, connection)
  const peek = async (limit: number) => await bodiesOf(socket, connection, limit)
  try {
    const named = socket.exchange !== ''
    const examined = named ? await examineExchange(socket, connection, findManagement) : undefined
    const { kind } = await open({ bindingArguments: examined?.bindingArguments })
    return { by: kind, queue, peek }
  } catch (error) {
    if (!(error instanceof EviError) || !/^(?:queue-exists|no-copy)$/.test(error.code)) throw error
    // Copies come by it only while tracing is on, which AMQP does not show; without a permission there are none.
    await open({ mode: 'firehose' }).catch(() => undefined)
    return { by: 'count', queue, peek }
  }
}

async function queueOf(
  { exchange, routingKey }: Socket,
  connection: BrokerConnection,
): ReturnType<SubscriberWatch['queue']> {
  if (exchange !== '') return undefined
  const found = await connection.findQueue(routingKey).catch(() => undefined)
  return found?.found === true ? found : undefined
}

async function bodiesOf(
  socket: Socket,
  connection: BrokerConnection,
  limit: number,
): ReturnType<SubscriberWatch['peek']> {
  try {
    return (await connection.peek({ socket, limit })).messages.map(({ body }) => body)
  } catch (error) {
    if (error instanceof EviError) return []
    throw error
  }
}
