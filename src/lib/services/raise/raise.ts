import type { Broker, BrokerConnection, Publication, PublishOutcome, Timing } from '#lib/broker/broker.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import { failureOf } from '#lib/domain/failure/failure.ts'
import { connectionKeyOf, type Host, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { exitCodeOfAll } from '#lib/exit-codes.ts'
import type { RouteJudge } from '#lib/services/check/route-check.ts'
import type { Verification, Verified } from './verify.ts'

export interface RaiseRequest {
  readonly event: string
  /** The notification, byte for byte. */
  readonly payload: string
  readonly sockets: readonly Socket[]
  readonly properties: MessageProperties
  /** Wait for the publisher confirm. */
  readonly confirm: boolean
  readonly timing: Timing
  /** Wait for the proof that the event left each exchange; this tells where it goes, if somebody can tell. */
  readonly verify?: RouteJudge | undefined
}

/** What became of the event at one subscriber. */
export interface RaiseResult {
  readonly socket: Socket
  /** The one of its hosts that answered; null when none did. */
  readonly host: Host | null
  readonly outcome: PublishOutcome
  readonly verified: Verification | null
  /** Milliseconds from the start of the raise to this result. */
  readonly ms: number
}

export interface RaiseReport {
  readonly event: string
  readonly payload: string
  readonly bytes: number
  /** In the order of the sockets. */
  readonly results: readonly RaiseResult[]
  readonly delivered: number
  readonly failed: number
  /** The exit code that sums it up (SPEC 7). */
  readonly exit: number
}

/**
 * Publishes one event to all sockets side by side, over one connection for each login; a subscriber that fails never
 * stops another (SPEC 4). Whatever a broker does is part of the report, not an error.
 */
export async function raiseEvent(request: RaiseRequest, broker: Broker): Promise<RaiseReport> {
  const body = Buffer.from(request.payload)
  const start = performance.now()
  const results = new Map<Socket, RaiseResult>()
  const serve = async (sockets: readonly Socket[]) => {
    const settle = (socket: Socket, host: Host | null, { outcome, verified }: Verified) => {
      const ms = Math.round((performance.now() - start) * 10) / 10
      results.set(socket, { socket, host, outcome, verified, ms })
    }
    const connection = await tryToConnect(sockets, request, broker)
    if ('status' in connection) {
      for (const socket of sockets) settle(socket, null, { outcome: connection, verified: null })
      return
    }
    const { confirm, properties } = request
    await Promise.all(
      sockets.map(async (socket) => {
        const publication = { socket, body, properties, confirm }
        settle(socket, connection.host, await publish(connection, publication, request))
      }),
    )
    await connection.close()
  }
  await Promise.all([...Map.groupBy(request.sockets, connectionKeyOf).values()].map(serve))

  const inOrder = request.sockets.flatMap((socket) => results.get(socket) ?? [])
  const failures = inOrder.flatMap(({ outcome }) => ('code' in outcome ? [outcome.code] : []))
  const delivered = inOrder.length - failures.length
  return {
    event: request.event,
    payload: request.payload,
    bytes: body.length,
    results: inOrder,
    delivered,
    failed: failures.length,
    exit: exitCodeOfAll(delivered, failures),
  }
}

async function publish(
  connection: BrokerConnection,
  publication: Publication,
  { verify, timing: { replyTimeout } }: RaiseRequest,
): Promise<Verified> {
  if (!verify) return { outcome: await connection.publish(publication), verified: null }
  // Loaded for those who ask for it, as every file costs each raise its part of a millisecond.
  const { publishVerified } = await import('./verify.ts')
  return await publishVerified(connection, { publication, replyTimeout, judgeRoute: verify })
}

async function tryToConnect(
  sockets: readonly Socket[],
  { timing }: RaiseRequest,
  broker: Broker,
): Promise<BrokerConnection | PublishOutcome> {
  try {
    return await broker.connect(sockets[0] as Socket, timing)
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    return failureOf(error)
  }
}
