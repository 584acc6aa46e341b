import { emptyOrRaise, limitsOf } from './queue-limits.ts'
import { judgeDeadLetters, judgeKeeping, judgeLosses } from './queue-losses.ts'
import { isReplicated, type LiveNumbers, type QueueState, type QueueVerdict } from './queue-state.ts'

/** States in which no queue takes a message (rabbit_amqqueue, rabbit_quorum_queue; RabbitMQ 3.10 to 4.3). */
const idleStates: ReadonlySet<string> = new Set([
  'crashed',
  'down',
  'minority',
  'noproc',
  'stopped',
  'terminated',
])

/**
 * Judges whether the queue takes messages.
 *
 * @param alive undefined where the queue was not asked
 */
export function judgeQueueState(queue: QueueState, alive: LiveNumbers | undefined): QueueVerdict {
  const verdicts = [
    judgeReplicas(queue),
    judgeNode(queue, alive),
    judgeState(queue),
    judgeRoom(queue, alive),
    judgeKeeping(queue, alive),
    judgeDeadLetters(queue),
    judgeLosses(queue, alive),
  ]
  const rejects = verdicts.find((verdict) => verdict?.status === 'rejects')
  return rejects ?? verdicts.find((verdict) => verdict !== undefined) ?? { status: 'takes' }
}

/** A short text about a queue that takes messages. */
export function describeState(queue: QueueState): string {
  const { type, members, online, node, rejectsWhenFull, maxBytes, bytesReady } = queue
  const place =
    members && online && members.length > 0
      ? `${type}, ${online.length} of ${members.length} members online`
      : [type ?? 'queue', ...(node === undefined ? [] : [`on ${node}`])].join(' ')
  const isTight = rejectsWhenFull && type !== 'quorum' && maxBytes !== undefined && bytesReady !== undefined
  return isTight ? `${place}, room for ${maxBytes - bytesReady} bytes` : place
}

/** A quorum queue and a stream confirm by a majority of their members. */
function judgeReplicas(queue: QueueState): QueueVerdict | undefined {
  const { name, type, members = [], online, stoppedNodes } = queue
  if (!isReplicated(queue)) return undefined
  if (!online || members.length === 0) return unseen(`which members of the ${type} queue "${name}" run`)
  const needed = Math.floor(members.length / 2) + 1
  if (online.length >= needed) return undefined
  const down = members.filter((member) => !online.includes(member))
  return {
    status: 'rejects',
    reason: `The ${type} queue "${name}" has ${online.length} of ${members.length} members online and needs ${needed}: it rejects what is published.`,
    hint: down.some((member) => stoppedNodes?.includes(member) ?? true)
      ? `Start RabbitMQ on: ${down.join(', ')}`
      : `The nodes run, and the queue's processes on them do not. Restart RabbitMQ on: ${down.join(', ')}`,
  }
}

/** RabbitMQ 4.3 calls a classic queue "running" while its node is down. */
function judgeNode(queue: QueueState, alive: LiveNumbers | undefined): QueueVerdict | undefined {
  const { name, node, stoppedNodes } = queue
  if (isReplicated(queue) || alive !== undefined) return undefined
  if (node === undefined || stoppedNodes === undefined) return unseen(`whether the node of "${name}" runs`)
  if (!stoppedNodes.includes(node)) return undefined
  return {
    status: 'rejects',
    reason: `The queue "${name}" is down: its node ${node} does not run.`,
    hint: `Start RabbitMQ on: ${node}`,
  }
}

function judgeState({ name, node, state }: QueueState): QueueVerdict | undefined {
  if (state === undefined || !idleStates.has(state)) return undefined
  return {
    status: 'rejects',
    reason: `The queue "${name}" is in the state "${state}": it takes no messages.`,
    hint: `See which nodes run${node === undefined ? '' : `, as on ${node}`}: rabbitmqctl cluster_status`,
  }
}

function judgeRoom(queue: QueueState, alive: LiveNumbers | undefined): QueueVerdict | undefined {
  const { name, type, rejectsWhenFull } = queue
  if (!rejectsWhenFull) return undefined
  const limits = limitsOf(queue, alive)
  // A quorum queue looks whether it is beyond its limit before it takes one more, others whether that one still has room
  // (seen on RabbitMQ 3.10, 4.0 and 4.3).
  const room = (next: number) => (type === 'quorum' ? 0 : next)
  const full = limits.find(({ limit, used, next }) => used !== undefined && used + room(next) > limit)
  if (full) {
    return {
      status: 'rejects',
      reason: `The queue "${name}" is full (${full.limit} ${full.unit}, overflow reject-publish): it rejects what is published.`,
      hint: emptyOrRaise,
    }
  }
  if (limits.every(({ used }) => used !== undefined)) return undefined
  return {
    status: 'unseen',
    reason: `The management API has no statistics of "${name}", so it was not seen whether it is full; of a new queue it has them after some seconds.`,
  }
}

function unseen(what: string): QueueVerdict {
  return { status: 'unseen', reason: `The management API does not show this user ${what}.` }
}
