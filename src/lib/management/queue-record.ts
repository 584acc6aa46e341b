import type { QueueState } from '#lib/domain/routing/queue-state.ts'
import { has, isTable, number, text, texts } from './json-values.ts'

/** Whatever else it has may be of any shape, as statistics come later than the queue. */
export interface QueueRecord {
  readonly name: string
  readonly type?: unknown
  readonly state?: unknown
  readonly node?: unknown
  readonly members?: unknown
  readonly online?: unknown
  readonly messages?: unknown
  readonly messages_ready?: unknown
  readonly message_bytes_ready?: unknown
  readonly consumers?: unknown
  readonly arguments?: unknown
  readonly effective_policy_definition?: unknown
}

/** Whether a reply describes a queue: `/api/queues`. */
export function isQueue(document: unknown): document is QueueRecord {
  return has(document, 'name') && typeof document.name === 'string'
}

/** Of a queue's record without statistics, what is newer there; RabbitMQ 3.10 calls each queue `live`. */
export function liveParts({ state, online }: QueueRecord): Pick<QueueRecord, 'state' | 'online'> {
  return {
    ...(text(state) !== undefined && state !== 'live' && { state }),
    ...(texts(online) && { online }),
  }
}

/** The dead-letter exchange that the queue names. */
export function deadLetterExchangeOf(record: QueueRecord): string | undefined {
  const { own, policy } = settingsOf(record)
  return text(own['x-dead-letter-exchange'] ?? policy['dead-letter-exchange'])
}

/** What the queue was declared with, and its policy; of a wrong shape counts as absent. */
function settingsOf({ arguments: own, effective_policy_definition: policy }: QueueRecord): Settings {
  return { own: isTable(own) ? own : {}, policy: isTable(policy) ? policy : {} }
}

interface Settings {
  readonly own: Readonly<Record<string, unknown>>
  readonly policy: Readonly<Record<string, unknown>>
}

interface Surroundings {
  /** See `QueueState`. */
  readonly stoppedNodes: readonly string[] | undefined
  readonly missingExchanges: ReadonlySet<string>
}

/** The queue as evi's rules need it; of a wrong shape counts as absent. */
export function toQueueState(
  record: QueueRecord,
  { stoppedNodes, missingExchanges }: Surroundings,
): QueueState {
  const { own, policy } = settingsOf(record)
  const isQuorum = record.type === 'quorum'
  // Of an argument and a policy the argument decides, and for a quorum queue the policy (RabbitMQ 3.10, 4.0 and 4.3).
  const overflow = isQuorum ? (policy.overflow ?? own['x-overflow']) : (own['x-overflow'] ?? policy.overflow)
  return {
    name: record.name,
    type: text(record.type),
    state: text(record.state),
    node: text(record.node),
    stoppedNodes,
    members: texts(record.members),
    online: texts(record.online),
    messages: number(record.messages),
    messagesReady: number(record.messages_ready),
    bytesReady: number(record.message_bytes_ready),
    consumers: number(record.consumers),
    rejectsWhenFull: overflow === 'reject-publish' || (overflow === 'reject-publish-dlx' && !isQuorum),
    maxLength: least(own['x-max-length'], policy['max-length']),
    maxBytes: least(own['x-max-length-bytes'], policy['max-length-bytes']),
    ttl: least(own['x-message-ttl'], policy['message-ttl']),
    ...deadLettersOf(record, missingExchanges),
  }
}

type DeadLetters = Pick<
  QueueState,
  | 'deadLetterExchange'
  | 'missingDeadLetterExchange'
  | 'deadLetterRoutingKey'
  | 'keepsDeadLetters'
  | 'lostDeadLetters'
>

function deadLettersOf(record: QueueRecord, missingExchanges: ReadonlySet<string>): DeadLetters {
  const exchange = deadLetterExchangeOf(record)
  const { own, policy } = settingsOf(record)
  const strategy = policy['dead-letter-strategy'] ?? own['x-dead-letter-strategy']
  // With this strategy a quorum queue keeps them until the exchange is there.
  const keepsDeadLetters = record.type === 'quorum' && strategy === 'at-least-once'
  const isMissing = exchange !== undefined && missingExchanges.has(exchange) && !keepsDeadLetters
  return {
    deadLetterExchange: isMissing ? undefined : exchange,
    missingDeadLetterExchange: isMissing ? exchange : undefined,
    deadLetterRoutingKey: text(own['x-dead-letter-routing-key'] ?? policy['dead-letter-routing-key']),
    keepsDeadLetters,
    lostDeadLetters: undefined,
  }
}

/** Of an argument and a policy, RabbitMQ takes the smaller number. */
function least(...limits: readonly unknown[]): number | undefined {
  const numbers = limits.filter((limit) => typeof limit === 'number')
  return numbers.length === 0 ? undefined : Math.min(...numbers)
}
