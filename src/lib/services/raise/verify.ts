import { setTimeout } from 'node:timers/promises'
import type { BrokerConnection, ConsumerRequest, Publication, PublishOutcome } from '#lib/broker/broker.ts'
import { failureOf } from '#lib/domain/failure/failure.ts'
import { copyingBinding } from '#lib/domain/routing/copying.ts'
import { EviError } from '#lib/errors.ts'
import type { RouteJudge } from '#lib/services/check/route-check.ts'
import type { CheckStep } from '#lib/services/check/steps.ts'

/** The proof that an event left its exchange. */
export interface Verification {
  /** `copy`: one came by evi's own queue; `confirm`: it was routed to a queue at least, and confirmed. */
  readonly by: 'copy' | 'confirm'
  /** Milliseconds from the publishing to the proof. */
  readonly ms: number
  /** Which queues take it, or why that is unknown, where the management API was asked. */
  readonly route: string | null
}

export interface Verified {
  readonly outcome: PublishOutcome
  readonly verified: Verification | null
}

export interface VerifyRequest {
  readonly publication: Publication
  readonly replyTimeout: number
  readonly judgeRoute: RouteJudge
}

/**
 * Publishes once and waits for the proof that the event left its exchange: the confirm of a message that was routed
 * and, where it is known that a queue of evi's own takes nothing from others there, a copy in one that is bound before.
 */
export async function publishVerified(
  connection: BrokerConnection,
  request: VerifyRequest,
): Promise<Verified> {
  try {
    return await publishAndWatch(connection, request)
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    // An event that cannot be verified is not what was asked for.
    const message = `${error.message} The event was not raised.`
    return { outcome: { ...failureOf(error), message }, verified: null }
  }
}

/** @throws EviError for what goes wrong before the publishing */
async function publishAndWatch(connection: BrokerConnection, request: VerifyRequest): Promise<Verified> {
  const { publication, replyTimeout } = request
  const { socket, body } = publication
  const { headers } = publication.properties
  const route = socket.exchange === '' ? undefined : await request.judgeRoute(socket, connection, headers)
  const copies = route !== undefined && takesNothing(route)
  const copy = Promise.withResolvers<number>()
  let start = Number.POSITIVE_INFINITY
  const onMessages: ConsumerRequest['onMessages'] = async (messages) => {
    const now = performance.now()
    if (now >= start && messages.some((message) => message.body.equals(body))) copy.resolve(now)
  }
  if (copies)
    await connection.openConsumer({ socket, bindingKey: undefined, onMessages, onOverflow: () => {} })
  start = performance.now()
  const outcome = await connection.publish(publication)
  if ('code' in outcome) return { outcome, verified: null }
  const end = copies
    ? await Promise.race([copy.promise, setTimeout(replyTimeout, undefined, { ref: false })])
    : performance.now()
  if (end === undefined) return { outcome: noCopy(socket.exchange, replyTimeout), verified: null }
  const ms = Math.round((end - start) * 10) / 10
  // The message was routed, whatever the bindings that were seen.
  const known = route?.found || (route?.status !== 'failed' && route?.code ? route.reason : undefined)
  return { outcome, verified: { by: copies ? 'copy' : 'confirm', ms, route: known ?? null } }
}

/**
 * Whether a queue of evi's own takes nothing from anyone: the exchange gives copies, has no alternate exchange, which
 * would no longer get this event, and another binding, without which it would hide that there is none.
 */
function takesNothing({ status, facts }: CheckStep): boolean {
  const { type, alternate } = facts ?? {}
  const routed = status === 'passed' || status === 'warning'
  return routed && alternate === null && typeof type === 'string' && copyingBinding(type) !== undefined
}

function noCopy(exchange: string, replyTimeout: number): PublishOutcome {
  return {
    code: 'timeout',
    message: `The event was confirmed, but no copy came out of the exchange "${exchange}" within ${replyTimeout} ms.`,
    hint: 'See where the exchange leads to: evi check --management URL',
  }
}
