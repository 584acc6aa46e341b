import { sideBySide } from '#lib/async/side-by-side.ts'
import type { Broker, BrokerConnection, Stage, Timing } from '#lib/broker/broker.ts'
import { connectionKeyOf, printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { type ErrorCode, gravestExit } from '#lib/exit-codes.ts'
import { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import { CheckConnection } from './check-connection.ts'
import { SocketCheckup, type SocketQuestions } from './socket-checkup.ts'
import { type CheckStep, stageStep } from './steps.ts'

export interface CheckRequest extends SocketQuestions {
  readonly plan: readonly Wiring[]
  readonly timing: Timing
  readonly listener: CheckListener
  /** Ends once the login is known to work there. */
  readonly isLoginOnly?: boolean | undefined
}

/** Progress of the check; brokers are checked side by side. */
export interface CheckListener {
  step(group: CheckGroup, step: CheckStep): void
  /** Nothing more comes for the sockets of one connection. */
  settled(wiring: Wiring): void
}

/** For who waits for the report. */
export const silentListener: CheckListener = { step() {}, settled() {} }

/** The steps to a broker, shared by all sockets with the same login there, or those of one socket behind it. */
export type CheckGroup = Wiring | Socket

/** Sockets that share one connection. */
export interface Wiring {
  readonly sockets: readonly [Socket, ...Socket[]]
}

export interface SocketCheck {
  readonly socket: Socket
  /** The host that answered; null where none did. */
  readonly host: string | null
  /** Those to the broker, then the socket's own. */
  readonly steps: readonly CheckStep[]
  /** Why an event would not arrive. What could not be looked at is no failure. */
  readonly failure: ErrorCode | undefined
}

export interface CheckReport {
  /** By connections, as planned. */
  readonly checks: readonly SocketCheck[]
  readonly passed: number
  readonly failed: number
  /** The gravest failure's exit code (docs/exit-codes.md). */
  readonly exit: number
}

/** The sockets by the connections that they need. */
export function planCheck(sockets: readonly Socket[]): readonly Wiring[] {
  return [...Map.groupBy(sockets, connectionKeyOf).values()].map((group) => ({
    sockets: group as [Socket, ...Socket[]],
  }))
}

/**
 * Follows the wiring of each socket step by step and stops at the first cut. Without a probe nothing is published, and
 * nothing is ever declared.
 */
export async function check(request: CheckRequest, broker: Broker): Promise<CheckReport> {
  const checked = await Promise.all(request.plan.map((wiring) => checkWiring(wiring, request, broker)))
  const checks = checked.flat()
  const failures = checks.flatMap(({ failure }) => failure ?? [])
  return {
    checks,
    passed: checks.length - failures.length,
    failed: failures.length,
    exit: gravestExit(failures),
  }
}

/** More than are asked about at once, so that each answer is followed by the next question. */
const atOnce = 16

async function checkWiring(wiring: Wiring, request: CheckRequest, broker: Broker): Promise<SocketCheck[]> {
  const { timing, listener } = request
  const [first] = wiring.sockets
  const steps: CheckStep[] = []
  const permissions = new LoginPermissions(wiring.sockets)
  const observe = (stage: Stage) => {
    const { failure } = stage
    const seen = failure ? { ...stage, failure: permissions.inError(first, failure) } : stage
    const step = stageStep(seen, first)
    steps.push(step)
    listener.step(wiring, step)
  }
  let connection: BrokerConnection
  try {
    connection = await broker.connect(first, timing, observe)
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    listener.settled(wiring)
    return wiring.sockets.map((socket) => ({ socket, host: null, steps, failure: error.code }))
  }
  if (request.isLoginOnly) {
    listener.settled(wiring)
    await connection.close()
    const host = printAddress(connection.host)
    return wiring.sockets.map((socket) => ({ socket, host, steps, failure: undefined }))
  }
  const shared = new CheckConnection(connection, {
    reopen: () => broker.connect(first, timing),
    retryFor: timing.replyTimeout,
  })
  const checks = wiring.sockets.map((socket) => {
    const onStep = (step: CheckStep) => listener.step(socket, step)
    return new SocketCheckup(socket, shared, { ...request, permissions, onStep })
  })
  await sideBySide(checks, atOnce, (one) => one.look())
  // Last, as a broker that blocks publishers does not answer anything after that.
  await sideBySide(checks, atOnce, (one) => one.rehearse())
  if (request.probe) {
    await shared.endLookups()
    await sideBySide(checks, atOnce, (one) => one.probe(request.probe as Buffer))
  }
  listener.settled(wiring)
  await shared.close()
  const host = printAddress(connection.host)
  return checks.map((one) => ({
    socket: one.socket,
    host,
    steps: [...steps, ...one.steps],
    failure: one.failure,
  }))
}
