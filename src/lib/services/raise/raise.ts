import { millisecondsSince } from '#lib/async/milliseconds-since.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, BrokerConnection, PublishOutcome } from '#lib/broker/broker.ts'
import { statusOf } from '#lib/domain/failure/failure.ts'
import { connectionKeyOf, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { exitCodeOfAll, exitCodes } from '#lib/exit-codes.ts'
import { interrupted, interruptedInFlight } from '#lib/services/raise-stream/publishing/transient.ts'
import { raiseOverLogin } from './raise-over-login.ts'
import type { RaiseCounts, Raised, RaiseRequest, RaiseResult } from './raise-report.ts'

/**
 * Publishes one event to all sockets side by side, over one connection for each login; a subscriber that fails never
 * stops another. Whatever a broker does is part of the report, not an error.
 *
 * @throws EviError `interrupted` before it was sent to any
 */
export async function raiseEvent(request: RaiseRequest, broker: Broker): Promise<Raised> {
  const body = Buffer.from(request.payload)
  const start = performance.now()
  const results = new Map<Socket, RaiseResult>()
  const closings: Promise<void>[] = []
  const connections: BrokerConnection[] = []
  request.interrupted.addEventListener('abort', () => {
    for (const connection of connections) connection.destroy('evi was interrupted')
  })
  const logins = [...Map.groupBy(request.sockets, connectionKeyOf).values()]
  await Promise.all(
    logins.map((sockets) =>
      raiseOverLogin(sockets, request, {
        broker,
        body,
        settle: (result) => {
          const ms = millisecondsSince(start)
          const outcome = request.interrupted.aborted ? whenInterrupted(result.outcome) : result.outcome
          results.set(result.socket, { ...result, outcome, ms })
          request.onSettled(result.socket)
        },
        opened: (connection) => connections.push(connection),
        closing: (closed) => closings.push(closed),
      }),
    ),
  )

  const inOrder = request.sockets.flatMap((socket) => results.get(socket) ?? [])
  if (request.interrupted.aborted && inOrder.every(isUnsent))
    throw new EviError('interrupted', 'Interrupted before it was sent to any subscriber.')
  const resent = inOrder.filter((result) => result.resent).length
  const counts = { ...countsOf(inOrder.map(({ outcome }) => outcome)), resent }
  const { event, payload, confirm, verify } = request
  const exit = exitOf(inOrder, { wantsProof: confirm || verify !== undefined })
  const report = { event, payload, bytes: body.length, results: inOrder, counts, exit }
  return { report, closed: unlessStopped(request.interrupted, Promise.all(closings)) }
}

function countsOf(outcomes: readonly PublishOutcome[]): Omit<RaiseCounts, 'resent'> {
  const having = (isCounted: (outcome: PublishOutcome) => boolean) => outcomes.filter(isCounted).length
  const sent = having((outcome) => statusOf(outcome) === 'sent')
  const confirmed = having((outcome) => statusOf(outcome) === 'confirmed')
  return {
    sent,
    confirmed,
    failed: outcomes.length - sent - confirmed,
    returned: having((outcome) => statusOf(outcome) === 'unroutable'),
    rejected: having((outcome) => statusOf(outcome) === 'rejected'),
    unknown: having((outcome) => 'code' in outcome && outcome.mayHaveArrived === true),
  }
}

/** The connections were cut, or not waited for. */
function whenInterrupted(outcome: PublishOutcome): PublishOutcome {
  if (!('code' in outcome) || outcome.code !== 'unreachable') return outcome
  return outcome.mayHaveArrived ? interruptedInFlight : interrupted
}

function isUnsent({ outcome }: RaiseResult): boolean {
  return 'code' in outcome && outcome.code === 'interrupted' && !outcome.mayHaveArrived
}

/** What may still arrive is good enough for an asynchronous raise, and not for one that asks for the confirm or for a proof. */
function exitOf(results: readonly RaiseResult[], { wantsProof }: { readonly wantsProof: boolean }): number {
  const failures = results.flatMap(({ outcome }) =>
    'code' in outcome && (wantsProof || statusOf(outcome) !== 'sent') ? [outcome.code] : [],
  )
  if (failures.includes('interrupted')) return exitCodes.interrupted
  return exitCodeOfAll(results.length - failures.length, failures)
}
