import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker, BrokerConnection, PublishOutcome, Timing } from '#lib/broker/broker.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import { failureOf } from '#lib/domain/failure/failure.ts'
import { connectionKeyOf, type Host, type Socket } from '#lib/domain/socket/socket.ts'
import { ChannelLimit, EviError } from '#lib/errors.ts'
import { exitCodeOfAll } from '#lib/exit-codes.ts'
import type { RouteJudge } from '#lib/services/check/route-check.ts'
import { channelsFor, channelsLinger } from '#lib/services/raise-stream/publishing-channels.ts'
import { publishToAll } from './publish-to-all.ts'
import type { Verification, Verified } from './verify.ts'

export interface RaiseRequest {
  readonly event: string
  /** The notification, byte for byte. */
  readonly payload: string
  readonly sockets: readonly Socket[]
  readonly properties: MessageProperties
  /** A confirmed event is reported as `confirmed`; without, as `sent`. */
  readonly confirm: boolean
  readonly timing: Timing
  /** Wait for the proof that the event left each exchange; the lookup says where it goes, if it can. */
  readonly verify?: RouteJudge | undefined
}

/** What became of the event at one subscriber. */
export interface RaiseResult {
  readonly socket: Socket
  /** The one of its hosts that answered; null when none did. */
  readonly host: Host | null
  readonly outcome: PublishOutcome
  readonly verified: Verification | null
  /** It was sent twice, without an answer to the first time, and may have arrived twice. */
  readonly resent: boolean
  /** Milliseconds from the start of the raise to this result. */
  readonly ms: number
}

/** Each subscriber counts as one of sent, confirmed and failed; the others are parts of them. */
interface RaiseCounts {
  /** Handed to the broker. */
  readonly sent: number
  readonly confirmed: number
  readonly failed: number
  /** Of the failed: unroutable. */
  readonly returned: number
  /** Of the failed: by a nack, or with its channel. */
  readonly rejected: number
  /** Of the failed and the sent: it may have arrived, or may arrive, and may not. */
  readonly unknown: number
  /** Sent twice, without an answer to the first time. */
  readonly resent: number
}

export interface RaiseReport {
  readonly event: string
  readonly payload: string
  readonly bytes: number
  /** In the order of the sockets. */
  readonly results: readonly RaiseResult[]
  readonly counts: RaiseCounts
  /** The exit code that sums it up. */
  readonly exit: number
}

/**
 * Publishes one event to all sockets side by side, over one connection for each login; a subscriber that fails never
 * stops another. Whatever a broker does is part of the report, not an error.
 */
export async function raiseEvent(request: RaiseRequest, broker: Broker): Promise<RaiseReport> {
  const body = Buffer.from(request.payload)
  const start = performance.now()
  const results = new Map<Socket, RaiseResult>()
  const serve = async (sockets: readonly Socket[], channels = channelsFor(sockets.length)): Promise<void> => {
    const settle = (socket: Socket, host: Host | null, { outcome, verified }: Verified, resent = false) => {
      const ms = Math.round((performance.now() - start) * 10) / 10
      results.set(socket, { socket, host, outcome, verified, resent, ms })
    }
    const connection = await tryToConnect(sockets, request, broker)
    if ('status' in connection) {
      for (const socket of sockets) settle(socket, null, { outcome: connection, verified: null })
      return
    }
    const { host } = connection
    try {
      await publishAll(connection, {
        sockets,
        channels,
        body,
        request,
        settle: (socket, verified, resent) => settle(socket, host, verified, resent),
      })
    } catch (error) {
      if (!(error instanceof ChannelLimit)) throw error
      await sleep(channelsLinger)
      await serve(sockets, 1)
    }
    await connection.close()
  }
  await Promise.all([...Map.groupBy(request.sockets, connectionKeyOf).values()].map(serve))

  const inOrder = request.sockets.flatMap((socket) => results.get(socket) ?? [])
  const resent = inOrder.filter((result) => result.resent).length
  const counts = { ...countsOf(inOrder.map(({ outcome }) => outcome)), resent }
  return {
    event: request.event,
    payload: request.payload,
    bytes: body.length,
    results: inOrder,
    counts,
    exit: exitOf(inOrder, request.confirm),
  }
}

function countsOf(outcomes: readonly PublishOutcome[]): Omit<RaiseCounts, 'resent'> {
  const having = (isCounted: (outcome: PublishOutcome) => boolean) => outcomes.filter(isCounted).length
  const sent = having(({ status }) => status === 'sent')
  const confirmed = having(({ status }) => status === 'confirmed')
  return {
    sent,
    confirmed,
    failed: outcomes.length - sent - confirmed,
    returned: having(({ status }) => status === 'unroutable'),
    rejected: having(({ status }) => status === 'rejected'),
    unknown: having((outcome) => 'code' in outcome && outcome.mayHaveArrived === true),
  }
}

/** What may still arrive is good enough for an asynchronous raise, and not for one that asks for the confirm. */
function exitOf(results: readonly RaiseResult[], confirm: boolean): number {
  const failures = results.flatMap(({ outcome }) =>
    'code' in outcome && (confirm || outcome.status !== 'sent') ? [outcome.code] : [],
  )
  return exitCodeOfAll(results.length - failures.length, failures)
}

interface PublishAll {
  readonly sockets: readonly Socket[]
  readonly channels: number
  readonly body: Buffer
  readonly request: RaiseRequest
  readonly settle: (socket: Socket, verified: Verified, resent: boolean) => void
}

async function publishAll(
  connection: BrokerConnection,
  { sockets, channels, body, request, settle }: PublishAll,
): Promise<void> {
  const { properties, verify, confirm } = request
  if (verify) {
    // Loaded for those who ask for it, as every file costs each raise its part of a millisecond.
    const { publishVerified } = await import('./verify.ts')
    const { replyTimeout } = request.timing
    const verifyOne = async (socket: Socket) => {
      const publication = { socket, body, properties }
      settle(
        socket,
        await publishVerified(connection, { publication, replyTimeout, judgeRoute: verify }),
        false,
      )
    }
    await Promise.all(sockets.map(verifyOne))
    return
  }
  await publishToAll(connection, {
    sockets,
    body,
    properties,
    channels,
    settle: (socket, outcome, resent) => {
      const wasSent = outcome.status === 'confirmed' && !confirm
      settle(socket, { outcome: wasSent ? { status: 'sent' } : outcome, verified: null }, resent)
    },
  })
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
