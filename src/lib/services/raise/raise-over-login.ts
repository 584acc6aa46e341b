import { setTimeout as sleep } from 'node:timers/promises'
import { RetryBudget } from '#lib/async/retry-budget.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, BrokerConnection, ChannelUse } from '#lib/broker/broker.ts'
import { closedChannelsLinger } from '#lib/domain/failure/channel-limit.ts'
import { failureOf, metChannelLimit, type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
import { harmlesslyWatched } from '#lib/domain/failure/permissions.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import { channelsFor } from '#lib/services/raise-stream/publishing/channel-use.ts'
import { interrupted } from '#lib/services/raise-stream/publishing/transient.ts'
import { publishToAll, type Target } from './publish-to-all.ts'
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
  readonly mayRetry: () => boolean
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
    mayRetry: () => refusals.failed() !== undefined,
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
  { broker, body, settle, mayRetry, opened, closing }: RetryingContext,
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
    mayRetry,
    settle: (socket, verified, resent) => settle({ socket, host, ...verified, resent }),
  })
  const closed = connection.close()
  closing(closed)
  // What is left goes over another one, for which the broker must have forgotten this one.
  if (left.length > 0) await closed
  return left
}

interface PublishAll {
  readonly targets: readonly Target[]
  readonly channels: ChannelUse
  readonly body: Buffer
  readonly request: RaiseRequest
  readonly mayRetry: () => boolean
  readonly settle: (socket: Socket, verified: Verified, resent: boolean) => void
}

async function publishAll(
  connection: BrokerConnection,
  { targets, channels, body, request, mayRetry, settle }: PublishAll,
): Promise<readonly Target[]> {
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
    await Promise.all(targets.map(({ socket }) => verifyOne(socket)))
    return []
  }
  return await publishToAll(connection, {
    targets,
    body,
    properties,
    channels,
    mayRetry,
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
