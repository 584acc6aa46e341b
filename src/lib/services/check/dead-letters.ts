import { type LostDeadLetters, lostDeadLetters } from '#lib/domain/routing/dead-letters.ts'
import type { QueueState } from '#lib/domain/routing/queue-state.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { Management } from '#lib/management/management.ts'
import type { topologyBehind } from './topology.ts'

/** What shows where dead letters go. */
export interface DeadLetterPlaces {
  readonly management: Management
  readonly topologyOf: typeof topologyBehind
}

/**
 * The queue with what it loses of its dead letters.
 *
 * @param socket by which a message comes to the queue: a dead letter keeps that routing key, unless the queue has another for it
 */
export async function withDeadLetters(
  queue: QueueState,
  { vhost, routingKey }: Pick<Socket, 'vhost' | 'routingKey'>,
  places: DeadLetterPlaces,
): Promise<QueueState> {
  const { deadLetterExchange: exchange, deadLetterRoutingKey = routingKey, keepsDeadLetters, type } = queue
  if (exchange === undefined || keepsDeadLetters || type === 'stream') return queue
  const lost = await lostAt(exchange, { vhost, routingKey: deadLetterRoutingKey }, places)
  return lost ? { ...queue, deadLetterExchange: undefined, lostDeadLetters: lost } : queue
}

async function lostAt(
  exchange: string,
  { vhost, routingKey }: Pick<Socket, 'vhost' | 'routingKey'>,
  { management, topologyOf }: DeadLetterPlaces,
): Promise<LostDeadLetters | undefined> {
  if (exchange !== '')
    return lostDeadLetters(await topologyOf(management, vhost, exchange), { exchange, routingKey })
  const queues = await management.queues(vhost, [routingKey])
  return queues.has(routingKey) ? undefined : { exchange, routingKey }
}
