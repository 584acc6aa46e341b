import type { Socket } from '#lib/domain/socket/socket.ts'
import type { OpenSipsStep } from './opensips-step.ts'
import type { ProvenSubscriber } from './watch/proven-subscriber.ts'

/**
 * Adds why nothing arrived, where the channels of OpenSIPS show it.
 *
 * @param channelStep looks at them
 */
export async function explainLosses(
  results: readonly ProvenSubscriber[],
  channelStep: (socket: Socket) => Promise<OpenSipsStep>,
): Promise<readonly ProvenSubscriber[]> {
  const explain = async (result: ProvenSubscriber): Promise<ProvenSubscriber> => {
    if (result.status !== 'lost' || result.socket === null) return result
    const { status, reason, hint } = await channelStep(result.socket)
    if (status !== 'failed') return result
    return { ...result, reason: `${result.reason} ${reason}`, hint: hint ?? null }
  }
  return await Promise.all(results.map(explain))
}
