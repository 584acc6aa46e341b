import { millisecondsSince } from '#lib/async/milliseconds-since.ts'
import type { Broker, PublishOutcome } from '#lib/broker/broker.ts'
import { statusOf } from '#lib/domain/failure/failure.ts'
import { connectionKeyOf, type Socket } from '#lib/domain/socket/socket.ts'
import { exitCodeOfAll } from '#lib/exit-codes.ts'
import { raiseOverLogin } from './raise-over-login.ts'
import type { RaiseCounts, Raised, RaiseRequest, RaiseResult } from './raise-report.ts'

/**
 * Publishes one event to all sockets side by side, over one connection for each login; a subscriber that fails never
 * stops another. Whatever a broker does is part of the report, not an error.
 */
export async function raiseEvent(request: RaiseRequest, broker: Broker): Promise<Raised> {
  const body = Buffer.from(request.payload)
  const start = performance.now()
  const results = new Map<Socket, RaiseResult>()
  const closings: Promise<void>[] = []
  const logins = [...Map.groupBy(request.sockets, connectionKeyOf).values()]
  await Promise.all(
    logins.map((sockets) =>
      raiseOverLogin(sockets, request, {
        broker,
        body,
        settle: (result) => {
          const ms = millisecondsSince(start)
          results.set(result.socket, { ...result, ms })
          request.onSettled(result.socket)
        },
        closing: (closed) => closings.push(closed),
      }),
    ),
  )

  const inOrder = request.sockets.flatMap((socket) => results.get(socket) ?? [])
  const resent = inOrder.filter((result) => result.resent).length
  const counts = { ...countsOf(inOrder.map(({ outcome }) => outcome)), resent }
  const { event, payload, confirm } = request
  const exit = exitOf(inOrder, confirm)
  const report = { event, payload, bytes: body.length, results: inOrder, counts, exit }
  return { report, closed: Promise.all(closings) }
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

/** What may still arrive is good enough for an asynchronous raise, and not for one that asks for the confirm. */
function exitOf(results: readonly RaiseResult[], confirm: boolean): number {
  const failures = results.flatMap(({ outcome }) =>
    'code' in outcome && (confirm || statusOf(outcome) !== 'sent') ? [outcome.code] : [],
  )
  return exitCodeOfAll(results.length - failures.length, failures)
}
