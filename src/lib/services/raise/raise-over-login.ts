import { setTimeout as sleep } from 'node:timers/promises'
import { RetryBudget } from '#lib/async/retry-budget.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, BrokerConnection, ChannelUse } from '#lib/broker/broker.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'
import {
  failureOf,
  failureOfOpen,
  metChannelLimit,
  type PublishFailure,
  statusOf,
} from '#lib/domain/failure/failure.ts'
import { harmlesslyWatched } from '#lib/domain/failure/permissions.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import { channelsFor } from '#lib/services/raise-stream/publishing/channel-use.ts'
import { interrupted } from '#lib/services/raise-stream/publishing/transient.ts'
import { type Left, publishToAll, type Target } from './publish-to-all.ts'
import type { RaiseRequest, RaiseResult } from './raise-report.ts'
import type { Verified } from './verify.ts'

interface LoginContext {
  readonly broker: Broker
  /** The notification. */
  readonly body: Buffer
  /** Called once for each socket. */
  readonly settle: (result: Omit<RaiseResult, 'ms'>) => void
  readonly opened: (connection: BrokerConnection) => void
  /** Gets what resolves when a connection that is of no use any more is closed. */
  readonly closing: (closed: Promise<void>) => void
}

interface RetryingContext extends LoginContext {
  /** That the user was refused a channel. */
  readonly refusals: RetryBudget
}

/**
 * Publishes one event to the sockets of one login, over one connection. Where the user has no channel left, as other programs
 * have them or RabbitMQ has not forgotten those that were closed, it waits for one no longer than for a reply.
 */
export async function raiseOverLogin(
  sockets: readonly Socket[],
  request: RaiseRequest,
  context: LoginContext,
): Promise<void> {
  const permissions = permissionsFor(sockets, request)
  const refusals = new RetryBudget(request.timing.replyTimeout)
  const login = {
    ...context,
    settle: (result: Omit<RaiseResult, 'ms'>) => {
      if (!metChannelLimit(result.outcome)) refusals.reset()
      context.settle({ ...result, outcome: permissions.inOutcome(result.socket, result.outcome) })
    },
    refusals,
  }
  let targets: readonly Target[] = sockets.map((socket) => ({ socket, mayHaveArrived: false }))
  let channels = channelsFor(sockets.length)
  while (targets.length > 0) {
    targets = await raiseOverConnection(targets, channels, request, login)
    channels = channelsFor(targets.length, true)
    if (targets.length > 0) await sleep(closedChannelsLinger)
  }
}

/** `--verify` watches named exchanges, too. */
function permissionsFor(sockets: readonly Socket[], { verify }: RaiseRequest): LoginPermissions {
  const watched = verify ? sockets.filter(({ exchange }) => exchange !== '') : []
  return new LoginPermissions(
    sockets,
    watched.map((socket) => harmlesslyWatched(socket)),
  )
}

/** Returns what is left where the user was refused a channel. */
async function raiseOverConnection(
  targets: readonly Target[],
  channels: ChannelUse,
  request: RaiseRequest,
  { broker, body, settle, refusals, opened, closing }: RetryingContext,
): Promise<readonly Target[]> {
  const connection = await tryToConnect(targets, request, broker)
  if ('code' in connection) {
    const nowhere = { host: null, outcome: connection, verified: null, resent: false }
    for (const { socket } of targets) settle({ socket, ...nowhere })
    return []
  }
  opened(connection)
  const { host } = connection
  const left = await publishAll(connection, {
    targets,
    channels,
    body,
    request,
    settle: (socket, verified, resent) => settle({ socket, host, ...verified, resent }),
  })
  const closed = connection.close()
  closing(closed)
  if (left.length === 0) return []
  if (refusals.failed() !== undefined) {
    // What is left goes over another one, for which the broker must have forgotten this one.
    await closed
    return left
  }
  for (const target of left)
    settle({
      socket: target.socket,
      host,
      outcome: failureOfOpen(target, target.reason),
      verified: null,
      resent: false,
    })
  return []
}

interface PublishAll {
  readonly targets: readonly Target[]
  readonly channels: ChannelUse
  readonly body: Buffer
  readonly request: RaiseRequest
  readonly settle: (socket: Socket, verified: Verified, resent: boolean) => void
}

async function publishAll(
  connection: BrokerConnection,
  { request, settle, ...publication }: PublishAll,
): Promise<readonly Left[]> {
  const { properties, verify, confirm, timing } = request
  if (verify) {
    // Loaded for those who ask for it, as every file costs each raise its part of a millisecond.
    const { publishVerified } = await import('./verify.ts')
    const { replyTimeout } = timing
    return await publishVerified(connection, {
      ...publication,
      properties,
      replyTimeout,
      judgeRoute: verify,
      settle,
    })
  }
  return await publishToAll(connection, {
    ...publication,
    properties,
    settle: (socket, outcome, resent) => {
      const wasSent = statusOf(outcome) === 'confirmed' && !confirm
      settle(socket, { outcome: wasSent ? { status: 'sent' } : outcome, verified: null }, resent)
    },
  })
}

async function tryToConnect(
  targets: readonly Target[],
  { timing, interrupted: signal }: RaiseRequest,
  broker: Broker,
): Promise<BrokerConnection | PublishFailure> {
  try {
    const connecting = broker.connect((targets[0] as Target).socket, timing)
    const connection = await unlessStopped(signal, connecting)
    return connection === 'stopped' ? interrupted : connection
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    return failureOf(error)
  }
}
