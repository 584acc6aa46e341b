import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type {
  Broker,
  BrokerConnection,
  Message,
  Publisher,
  PublisherListener,
  PublishOutcome,
  Timing,
} from '#lib/broker/broker.ts'
import { failureOf, grantedBy, type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
import { permitOwnQueue } from '#lib/domain/failure/permissions.ts'
import type { Host, Socket } from '#lib/domain/socket/socket.ts'
import { EviError, PermissionMissing } from '#lib/errors.ts'
import { exitCodeOfAll, exitCodes } from '#lib/exit-codes.ts'
import { asItComes, atRate } from '#lib/services/raise-stream/pace.ts'
import { InFlightWindow } from '#lib/services/raise-stream/publishing/in-flight-window.ts'
import { type BenchCounts, type BenchLength, Tally } from './measurements.ts'

export interface BenchRequest {
  readonly socket: Socket
  /** A queue of evi's own, or whatever is behind the socket's exchange and routing key. */
  readonly queue: 'temporary' | 'existing'
  /** Of every event. */
  readonly body: Buffer
  /** Maximum unconfirmed events in flight. */
  readonly window: number
  /** Events a second; by default as many as the window allows. */
  readonly rate: number | undefined
  readonly length: BenchLength
  readonly timing: Timing
  /** Ends it early. */
  readonly signal: AbortSignal
  /** Called once the connection is open; publishing begins when its promise resolves. The counts change until the end. */
  readonly onStart: (host: Host, counts: Readonly<BenchCounts>) => Promise<void>
}

export interface BenchReport extends Readonly<BenchCounts>, Pick<Tally, 'latency' | 'warmUp' | 'seconds'> {
  /** The one of the socket's hosts that answered. */
  readonly host: Host
  /** Why it ended early, or why some were rejected. */
  readonly failure: PublishFailure | undefined
  /** The exit code that sums it up (docs/exit-codes.md). */
  readonly exit: number
}

/** Events that are published before confirms are looked at again; many more, and evi itself would delay them. */
const handful = 64

/**
 * Publishes events with publisher confirms, and measures how many get through and how long each confirm takes. What
 * ends it early is part of the report; before the first event it is an error.
 *
 * @throws EviError `unreachable`, `refused`, `timeout`, `interrupted`
 */
export async function bench(request: BenchRequest, broker: Broker): Promise<BenchReport> {
  try {
    return await runLoad(request, broker)
  } catch (error) {
    if (!(error instanceof PermissionMissing) || request.queue === 'existing') throw error
    throw error.grantedBy(permitOwnQueue(request.socket, error.permission.user))
  }
}

async function runLoad(request: BenchRequest, broker: Broker): Promise<BenchReport> {
  const connection = await unlessStopped(request.signal, broker.connect(request.socket, request.timing))
  if (connection === 'stopped') throw interrupted()
  try {
    return await new Load(request, connection).run()
  } finally {
    await connection.close()
  }
}

interface Event extends Message {
  publishedAt: number
}

class Load implements PublisherListener<Event> {
  readonly #request: BenchRequest
  readonly #connection: BrokerConnection
  readonly #tally: Tally
  /** Nothing more is published. */
  readonly #over = new AbortController()
  /** To be published again, as a new object for each would cost more than all the rest. */
  readonly #free: Event[] = []
  readonly #window: InFlightWindow
  /** Why it ended early. */
  #failure: PublishFailure | undefined
  #rejection: PublishFailure | undefined

  constructor(request: BenchRequest, connection: BrokerConnection) {
    this.#request = request
    this.#connection = connection
    this.#tally = new Tally(request.length)
    // Only the number of events counts, as what is measured is asked for by it.
    this.#window = new InFlightWindow(request.window, Number.POSITIVE_INFINITY)
  }

  async run(): Promise<BenchReport> {
    const { signal, length, onStart } = this.#request
    const target = await this.#openTarget()
    const manner = { channels: { most: 1, isScarce: false }, properties: {}, stallLimit: undefined }
    const publisher = await this.#connection.openPublisher({ ...manner, listener: this })
    await onStart(this.#connection.host, this.#tally.counts)
    const stop = () => this.#over.abort()
    const interrupt = () => this.#stopFor(failureOf(interrupted()))
    signal.addEventListener('abort', interrupt)
    if (signal.aborted) interrupt()
    const timer = 'seconds' in length ? setTimeout(stop, length.seconds * 1000) : undefined
    await this.#publishAll(publisher, target)
    clearTimeout(timer)
    while (!this.#window.isEmpty) await this.#window.room()
    return await this.#report()
  }

  settled(event: Event, _socket: Socket, outcome: PublishOutcome): void {
    const { counts } = this.#tally
    this.#free.push(event)
    if (!('code' in outcome)) this.#tally.confirmed(event.publishedAt, performance.now())
    else if (outcome.code === 'rejected') {
      counts.rejected++
      this.#rejection ??= outcome
    } else {
      if (outcome.code === 'unroutable') counts.returned++
      // It would be the same with the others.
      this.#stopFor(outcome)
    }
    this.#window.remove(event)
  }

  /** A channel that is closed ends the load, so nothing is sent again. */
  resending(): void {}
  held(): void {}

  ended(reason: PublishFailure): void {
    // Closing in order would wait for a silent broker once more.
    if (statusOf(reason) === 'timeout') this.#connection.destroy('it is silent')
    this.#stopFor(reason)
    this.#window.clear()
  }

  async #openTarget(): Promise<Socket> {
    const { socket, queue } = this.#request
    return queue === 'existing' ? socket : await this.#connection.declareTemporaryQueue(socket)
  }

  async #publishAll(publisher: Publisher<Event>, target: Socket): Promise<void> {
    const { body, rate, length } = this.#request
    const { counts } = this.#tally
    const { signal: over } = this.#over
    const events = 'events' in length ? length.events : Number.POSITIVE_INFINITY
    const wait = async (until: Promise<unknown>) => {
      publisher.flush()
      await unlessStopped(over, until)
    }
    const pace = rate === undefined ? asItComes : atRate(rate)
    this.#tally.start(performance.now())
    while (counts.published < events) {
      const delay = pace.delayOf(undefined)
      if (delay > 0) await wait(sleep(delay))
      else if (counts.published % handful === 0) await wait(turn())
      while (publisher.congested && !over.aborted) await wait(publisher.drained())
      while (this.#window.isFull && !over.aborted) await wait(this.#window.room())
      if (over.aborted) break
      const event = this.#free.pop() ?? { body, publishedAt: 0 }
      event.publishedAt = performance.now()
      publisher.publish(event, target)
      this.#window.add(event)
      counts.published++
    }
    publisher.flush()
  }

  #stopFor(failure: PublishFailure): void {
    this.#failure ??= failure
    this.#over.abort()
  }

  async #report(): Promise<BenchReport> {
    const { counts, latency, warmUp, seconds } = this.#tally
    const end = await this.#explain()
    const rejected = this.#rejection ? [this.#rejection.code] : []
    const exit = end ? exitCodes[end.code] : exitCodeOfAll(counts.confirmed, rejected)
    const failure = end ?? this.#rejection
    return { ...counts, latency, warmUp, seconds, host: this.#connection.host, failure, exit }
  }

  async #explain(): Promise<PublishFailure | undefined> {
    const { socket, queue } = this.#request
    const failure = this.#failure
    if (failure === undefined) return undefined
    if (statusOf(failure) !== 'unreachable')
      return queue === 'existing' ? failure : grantedBy(failure, (user) => permitOwnQueue(socket, user))
    // The channel knows only that it is gone, the connection why.
    const lost = await this.#connection.lost
    return { ...failure, message: lost?.message ?? failure.message }
  }
}

function interrupted(): EviError {
  return new EviError('interrupted', 'Interrupted.')
}
