import { describeState, judgeQueueState } from '#lib/domain/routing/judge-queue.ts'
import type { LiveNumbers, QueueState } from '#lib/domain/routing/queue-state.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { Lookups } from './check-connection.ts'
import { withDeadLetters } from './dead-letters.ts'
import { type ManagementFinder, noneSpeaks } from './management-finder.ts'
import { type CheckStep, noConsumer, unseenStep } from './steps.ts'
import { topologyBehind } from './topology.ts'

/**
 * Judges whether the queue of the socket's routing key takes messages, which AMQP does not show.
 *
 * @param alive see `judgeQueueState`
 */
export type QueueJudge = (
  socket: Socket,
  connection: Lookups,
  alive: LiveNumbers | undefined,
) => Promise<CheckStep>

/** Judges by the management API of the broker's cluster; without one it was not looked at. */
export function queueJudge(find: ManagementFinder | undefined, topologyOf = topologyBehind): QueueJudge {
  return async (socket, connection, alive) => {
    if (!find) return notSeen(`--probe sends a message, ${wayToLook}`)
    const { vhost, routingKey } = socket
    try {
      const management = await find(socket, connection)
      if (!management && find.isGuess) return notSeen(`--probe sends a message, ${wayToLook}`)
      if (!management)
        return { step: 'takes', status: 'unknown', found: '', ...noneSpeaks(connection.cluster) }
      const state = (await management.queues(vhost, [routingKey])).get(routingKey)
      if (!state) return notSeen('--probe sends a message')
      return takesStep(socket, await withDeadLetters(state, socket, { management, topologyOf }), alive)
    } catch (error) {
      if (!(error instanceof EviError && /^(?:refused|unreachable)$/.test(error.code))) throw error
      return unseenStep('takes', error)
    }
  }
}

const wayToLook = '--management URL looks'

/**
 * Whether a queue takes messages, as the management API reports it.
 *
 * @param alive see `judgeQueueState`
 */
function takesStep(socket: Socket, state: QueueState, alive: LiveNumbers | undefined): CheckStep {
  const { type = null, members = null, online = null, node = null } = state
  const facts = { type, members, online, node, state: state.state ?? null }
  const verdict = judgeQueueState(state, alive)
  switch (verdict.status) {
    case 'takes': {
      const found = describeState(state)
      // AMQP says how many consume, except of a queue that is exclusive to another connection.
      return alive === undefined && state.consumers === 0
        ? { step: 'takes', status: 'warning', found, facts, ...noConsumer(socket) }
        : { step: 'takes', status: 'passed', found, facts }
    }
    case 'loses': {
      const { reason, hint } = verdict
      return { step: 'takes', status: 'warning', found: describeState(state), reason, hint, facts }
    }
    case 'unseen':
      return {
        step: 'takes',
        status: 'unknown',
        found: '',
        reason: `${verdict.reason} --probe sends a message.`,
        facts,
      }
    case 'drops':
    case 'rejects': {
      const { reason, hint } = verdict
      const code = verdict.status === 'drops' ? 'unroutable' : 'rejected'
      return { step: 'takes', status: 'failed', found: '', code, reason, hint, facts }
    }
  }
}

function notSeen(ways: string): CheckStep {
  const reason = `Whether the queue takes messages was not seen: ${ways}.`
  return { step: 'takes', status: 'unknown', found: '', reason }
}
