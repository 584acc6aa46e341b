import { setTimeout } from 'node:timers/promises'
import type { BrokerConnection, ConsumerRequest, PublishOutcome } from '#lib/broker/broker.ts'
import {
  failureOf,
  failureOfOpen,
  metChannelLimit,
  type PublishFailure,
} from '#lib/domain/failure/failure.ts'
import { copyingBinding } from '#lib/domain/routing/copying.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { ConnectionFull, EviError } from '#lib/errors.ts'
import type { RouteJudge } from '#lib/services/check/route-check.ts'
import type { CheckStep } from '#lib/services/check/steps.ts'
import { type Left, type PublishToAllRequest, publishToAll, type Target } from './publish-to-all.ts'

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

export interface VerifyRequest extends Omit<PublishToAllRequest, 'settle'> {
  readonly replyTimeout: number
  readonly judgeRoute: RouteJudge
  readonly settle: (socket: Socket, verified: Verified, resent: boolean) => void
}

/** What is known before the event is published. */
interface Watch {
  readonly route: CheckStep | undefined
  /** When a copy came out of the exchange, where one is waited for. */
  readonly copied: Promise<number> | undefined
}

/**
 * Publishes as `publishToAll` does, and waits for the proof that the event left each exchange: the confirm of a message that
 * was routed and, where it is known that a queue of evi's own takes nothing from others there, a copy in one that is bound
 * before. Where the user has few channels, none is taken for copies.
 */
export async function publishVerified(
  connection: BrokerConnection,
  request: VerifyRequest,
): Promise<readonly Left[]> {
  const { targets, channels, settle } = request
  if (channels.isScarce) connection.useFewChannels()
  let start = Number.POSITIVE_INFINITY
  const prepare = async (target: Target) => await watch(connection, target, request, () => start)
  const watches = await Promise.all(targets.map(prepare))
  const limit = watches.find(metChannelLimit)
  if (limit) return targets.map((target) => ({ ...target, reason: limit }))
  // A user may have one channel only.
  if (channels.isScarce) await connection.endLookups()

  const watching = new Map<Socket, Watch>()
  const ready = targets.filter((target, at) => {
    const watched = watches[at] as Watch | PublishFailure
    if ('code' in watched) settle(target.socket, { outcome: watched, verified: null }, false)
    else watching.set(target.socket, watched)
    return !('code' in watched)
  })
  if (ready.length === 0) return []
  const proofs: Promise<void>[] = []
  start = performance.now()
  const left = await publishToAll(connection, {
    ...request,
    targets: ready,
    settle: (socket, outcome, resent) => {
      const proof = verified(socket, outcome, watching.get(socket) as Watch)
      proofs.push(proof.then((result) => settle(socket, result, resent)))
    },
  })
  await Promise.all(proofs)
  return left

  async function verified(socket: Socket, outcome: PublishOutcome, watch: Watch): Promise<Verified> {
    if ('code' in outcome) return { outcome, verified: null }
    const { route, copied } = watch
    const { replyTimeout } = request
    const noLonger = setTimeout(replyTimeout, undefined, { ref: false })
    const end = copied ? await Promise.race([copied, noLonger, connection.lost]) : performance.now()
    if (typeof end !== 'number') {
      const missing = `no copy came out of the exchange "${socket.exchange}"`
      return {
        outcome: end ? lostBefore(missing, end) : noCopy(`${missing} within ${replyTimeout} ms`),
        verified: null,
      }
    }
    const ms = Math.round((end - start) * 10) / 10
    // The message was routed, whatever the bindings that were seen.
    const known = route?.found || (route?.status !== 'failed' && route?.code ? route.reason : undefined)
    return { outcome, verified: { by: copied ? 'copy' : 'confirm', ms, route: known ?? null } }
  }
}

/** Looks where the event goes, and binds a queue for a copy. @param since when the event is published */
async function watch(
  connection: BrokerConnection,
  target: Target,
  { body, properties, channels, judgeRoute }: VerifyRequest,
  since: () => number,
): Promise<Watch | PublishFailure> {
  const { socket } = target
  if (socket.exchange === '') return { route: undefined, copied: undefined }
  try {
    const route = await judgeRoute(socket, connection, properties.headers)
    if (channels.isScarce || !takesNothing(route)) return { route, copied: undefined }
    const copy = Promise.withResolvers<number>()
    const onMessages: ConsumerRequest['onMessages'] = async (messages) => {
      const now = performance.now()
      if (now >= since() && messages.some((message) => message.body.equals(body))) copy.resolve(now)
    }
    await connection.openConsumer({ socket, bindingKey: undefined, onMessages, onOverflow: () => {} })
    return { route, copied: copy.promise }
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    const failure = failureOf(error)
    if (error instanceof ConnectionFull) return { ...failure, isChannelLimit: true }
    // An event that cannot be verified is not what was asked for.
    return target.mayHaveArrived
      ? failureOfOpen(target, failure)
      : { ...failure, message: `${failure.message} The event was not raised.` }
  }
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

function noCopy(missing: string): PublishFailure {
  return {
    code: 'timeout',
    message: `The event was confirmed, but ${missing}.`,
    hint: 'See where the exchange leads to: evi check --management URL',
    mayHaveArrived: true,
  }
}

function lostBefore(missing: string, reason: EviError): PublishFailure {
  const failure = failureOf(reason)
  const message = `The event was confirmed, but ${missing} before the connection was lost: ${failure.message}`
  return { ...failure, message, mayHaveArrived: true }
}
