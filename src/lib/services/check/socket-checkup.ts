import { millisecondsSince } from '#lib/async/milliseconds-since.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import type { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import type { Adviser } from './advice.ts'
import type { CheckConnection } from './check-connection.ts'
import type { QueueJudge } from './queue-check.ts'
import type { RouteJudge } from './route-check.ts'
import { type CheckStep, exchangeStep, failedStep, probeStep, publishStep, queueStep } from './steps.ts'

/** What is asked about each socket. */
export interface SocketQuestions {
  /** Really sends this to each socket whose wiring is whole, and reports its outcome; nothing is published without it. */
  readonly probe: Buffer | undefined
  /** Judges where a named exchange would take a message, as far as that can be known. */
  readonly judgeRoute: RouteJudge
  /** Judges whether a queue takes messages, as far as that can be known. */
  readonly judgeQueue: QueueJudge
  /** Finds what was meant where a queue or exchange is missing. */
  readonly advise: Adviser
}

interface SocketCheckupOptions extends SocketQuestions {
  /** Of all sockets of the login. */
  readonly permissions: LoginPermissions
  readonly onStep: (step: CheckStep) => void
}

/** The part of the wiring that is one socket's own. */
export class SocketCheckup {
  readonly socket: Socket
  readonly steps: CheckStep[] = []
  failure: ErrorCode | undefined
  readonly #connection: CheckConnection
  readonly #options: SocketCheckupOptions

  constructor(socket: Socket, connection: CheckConnection, options: SocketCheckupOptions) {
    this.socket = socket
    this.#connection = connection
    this.#options = options
  }

  /** Whether there is an exchange, and somewhere behind it. */
  async look(): Promise<void> {
    const { socket } = this
    const { exchange, routingKey } = socket
    if (exchange !== '')
      await this.#do('exchange', async () =>
        this.#advised(async () => exchangeStep(socket, await this.#connection.findExchange(exchange))),
      )
    await this.#do(exchange === '' ? 'queue' : 'route', async () =>
      exchange === ''
        ? await this.#findQueue(routingKey)
        : await this.#options.judgeRoute(socket, this.#connection),
    )
  }

  /** RabbitMQ 4 takes more than a minute to say that a queue's node is down; the management API knows at once. */
  async #findQueue(name: string): Promise<CheckStep> {
    const { socket } = this
    try {
      return await this.#advised(async () => queueStep(socket, await this.#connection.findQueue(name)))
    } catch (error) {
      if (!(error instanceof EviError && error.code === 'timeout')) throw error
      const judged = await this.#options.judgeQueue(socket, this.#connection, undefined)
      if (judged.status !== 'failed') throw error
      return { ...judged, step: 'queue' }
    }
  }

  /** The step, with the time that the broker took, and with what may have been meant where the queue or exchange is missing. */
  async #advised(action: () => Promise<CheckStep>): Promise<CheckStep> {
    const start = performance.now()
    const step = await action()
    if (step.code !== 'unroutable' && step.code !== 'no-exchange') return step
    const ms = millisecondsSince(start)
    return { ...step, ms, hint: await this.#options.advise(this.socket, this.#connection, step.hint) }
  }

  /** Whether a message would be taken. */
  async rehearse(): Promise<void> {
    const { socket } = this
    await this.#do('publish', async () =>
      publishStep(
        socket,
        this.#options.permissions.inOutcome(socket, await this.#connection.rehearse(socket)),
      ),
    )
    if (!this.#options.probe) await this.#lookAtQueue()
  }

  /** Whether a message is taken. */
  async probe(body: Buffer): Promise<void> {
    const { socket } = this
    await this.#do('probe', async () =>
      probeStep(await this.#connection.publish({ socket, body, properties: {} })),
    )
  }

  /** Whether the queue that was found takes messages; behind a named exchange, the route shows that. */
  async #lookAtQueue(): Promise<void> {
    const queue = this.steps.find(({ step }) => step === 'queue')
    if (queue?.status !== 'passed' && queue?.status !== 'warning') return
    const { messages, consumers } = queue.facts ?? {}
    const alive =
      typeof messages === 'number' && typeof consumers === 'number' ? { messages, consumers } : undefined
    await this.#do('takes', async () => this.#options.judgeQueue(this.socket, this.#connection, alive))
  }

  async #do(name: CheckStep['step'], action: () => Promise<CheckStep>): Promise<void> {
    if (this.steps.at(-1)?.status === 'failed') return
    const start = performance.now()
    const step = await action().catch((error) => failedStep(name, error))
    const timed = { ms: millisecondsSince(start), ...step }
    this.steps.push(timed)
    if (step.status === 'failed') this.failure = step.code
    this.#options.onStep(timed)
  }
}
