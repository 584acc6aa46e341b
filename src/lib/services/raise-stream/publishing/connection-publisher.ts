import type { Message, PublishOutcome } from '#lib/broker/broker.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { FanOut } from './fan-out.ts'
import { InFlightWindow } from './in-flight-window.ts'
import type { PublishingOptions } from './publishing-options.ts'
import { RecoveringPublisher } from './recovering-publisher.ts'
import type { ConnectionToPublish } from './shared-connection.ts'
import { interrupted } from './transient.ts'

export interface ConnectionPublisherOptions<M extends Message> extends PublishingOptions<M> {
  readonly connection: ConnectionToPublish
}

/** Takes messages for the sockets of one login as far as the in-flight window has room, and settles each. */
export class ConnectionPublisher<M extends Message> {
  readonly #options: ConnectionPublisherOptions<M>
  readonly #window: InFlightWindow
  readonly #publisher: RecoveringPublisher<M>
  /** What the window had no room for. */
  readonly #fanOut = new FanOut<M>()

  constructor(options: ConnectionPublisherOptions<M>) {
    this.#options = options
    this.#window = new InFlightWindow(options.window)
    this.#publisher = new RecoveringPublisher({
      ...options,
      isIdle: () => this.#window.isEmpty,
      settled: (message, socket, outcome) => this.#settle(message, socket, outcome),
      held: (change) => this.#window.hold(change),
    })
  }

  /** There is no room for more, for now. */
  get isFull(): boolean {
    return this.#window.isFull || this.#publisher.congested
  }

  /** Takes a message over for the sockets, which `flush` sends. `room` is to be waited for where it is full then. */
  offer(message: M, sockets: readonly Socket[]): void {
    const [only] = sockets
    // Most messages of a stream.
    if (sockets.length === 1 && only && !this.isFull) this.#take(message, only)
    else {
      this.#fanOut.begin(message, sockets)
      this.#takeOver()
    }
  }

  /** Sends what was offered. */
  flush(): void {
    this.#publisher.flush()
  }

  /** Resolves when all that was offered is taken over and there is room for more, or when the signal ends it all. */
  async room(): Promise<void> {
    while (this.isFull || !this.#fanOut.isDone) {
      if (this.#options.signal.aborted) return this.#dropFanOut()
      const room = this.#window.room()
      if (this.isFull)
        await (this.#publisher.congested ? Promise.race([room, this.#publisher.drained()]) : room)
      this.#takeOver()
      this.flush()
    }
  }

  /** Resolves when all messages are settled. */
  async done(): Promise<void> {
    while (!this.#window.isEmpty || !this.#fanOut.isDone)
      await (this.#fanOut.isDone ? this.#window.room() : this.room())
  }

  /** Settles as interrupted what is not in flight. */
  dropUnsent(): void {
    this.#publisher.dropUnsent()
    this.#dropFanOut()
  }

  /** Settles all that is open as interrupted. */
  interrupt(): void {
    this.#publisher.interrupt()
    this.#dropFanOut()
  }

  #takeOver(): void {
    this.#fanOut.run(this.#take, () => this.isFull)
  }

  /** One function for all, as it is called for each message and socket. */
  readonly #take = (message: M, socket: Socket): void => {
    this.#window.add(message)
    this.#publisher.publish(message, socket)
  }

  /** Fails what the window had no room for. */
  #dropFanOut(): void {
    this.#fanOut.run(
      (message, socket) => this.#options.settled(message, socket, interrupted),
      () => false,
    )
  }

  #settle(message: M, socket: Socket, outcome: PublishOutcome): void {
    this.#options.settled(message, socket, outcome)
    this.#window.remove(message)
    if (this.#window.isEmpty) void this.#publisher.yield()
  }
}
