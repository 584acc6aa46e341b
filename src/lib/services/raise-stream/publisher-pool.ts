import { setTimeout as sleep } from 'node:timers/promises'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, Message, PublishOutcome, Timing } from '#lib/broker/broker.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import { connectionKeyOf, type Socket, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import { type ConnectionListener, SharedConnection } from './shared-connection.ts'
import { SocketPublisher } from './socket-publisher.ts'

export interface PublisherPoolOptions<M extends Message> {
  readonly broker: Broker
  readonly properties: MessageProperties
  /** Synchronous: what the broker rejects, or does not confirm for now, is retried. */
  readonly confirm: boolean
  readonly timing: Timing
  /** The most unconfirmed messages in flight to one socket. */
  readonly window: number
  /** Milliseconds to retry after a connection is lost. */
  readonly retryFor: number
  /** Nothing more is sent; what is in flight is waited for no longer than a reply may take. */
  readonly signal: AbortSignal
  readonly listener: ConnectionListener
  /** Called once for each message and socket. */
  readonly settled: (message: M, socket: Socket, outcome: PublishOutcome) => void
  /** Called before a message is sent again that may have arrived. */
  readonly resending: (message: M) => void
}

/** The publishers of a stream, each made when it is first needed, over one connection for each login. */
export class PublisherPool<M extends Message> {
  readonly #options: PublisherPoolOptions<M>
  readonly #connections = new Map<string, SharedConnection>()
  readonly #publishers = new Map<string, SocketPublisher<M>>()
  readonly #bySockets = new WeakMap<readonly Socket[], readonly SocketPublisher<M>[]>()
  /** Those with something to send. */
  readonly #offered = new Set<SocketPublisher<M>>()

  constructor(options: PublisherPoolOptions<M>) {
    this.#options = options
  }

  /**
   * Takes a message for the sockets. Returns a promise where the next one has to wait, as a promise for each would cost
   * more than all the rest.
   *
   * @param sockets the same array for the same sockets, so that they are looked up once
   */
  offer(message: M, sockets: readonly Socket[]): Promise<void> | undefined {
    let isFull = false
    for (const publisher of this.#publishersFor(sockets)) {
      publisher.offer(message)
      this.#offered.add(publisher)
      isFull ||= publisher.isFull
    }
    return isFull ? this.#makeRoom(sockets) : undefined
  }

  /** Sends what was offered. */
  flush(): void {
    for (const publisher of this.#offered) publisher.flush()
    this.#offered.clear()
  }

  /**
   * Waits until all messages are settled, after an interruption no longer than a reply may take; what is open then fails.
   * Closes the connections in order.
   */
  async close(): Promise<void> {
    this.flush()
    const { signal, timing } = this.#options
    const publishers = [...this.#publishers.values()]
    const connections = [...this.#connections.values()]
    const done = Promise.all(publishers.map((publisher) => publisher.done()))
    if ((await unlessStopped(signal, done)) === 'stopped') {
      // A timer that keeps the process alive, as AbortSignal.timeout does not.
      const inTime = await Promise.race([done, sleep(timing.replyTimeout, 'late' as const)])
      for (const publisher of publishers) publisher.interrupt()
      if (inTime === 'late') for (const connection of connections) void connection.cut('evi was interrupted')
    }
    await Promise.all(connections.map((connection) => connection.close()))
  }

  async #makeRoom(sockets: readonly Socket[]): Promise<void> {
    this.flush()
    const room = Promise.all(this.#publishersFor(sockets).map((publisher) => publisher.room()))
    await unlessStopped(this.#options.signal, room)
  }

  #publishersFor(sockets: readonly Socket[]): readonly SocketPublisher<M>[] {
    let publishers = this.#bySockets.get(sockets)
    if (!publishers) {
      publishers = sockets.map((socket) => this.#publisherFor(socket))
      this.#bySockets.set(sockets, publishers)
    }
    return publishers
  }

  #publisherFor(socket: Socket): SocketPublisher<M> {
    const key = JSON.stringify([wiringKeyOf(socket), socket.persistent])
    let publisher = this.#publishers.get(key)
    if (!publisher) {
      publisher = new SocketPublisher({ ...this.#options, socket, connection: this.#connectionTo(socket) })
      this.#publishers.set(key, publisher)
    }
    return publisher
  }

  #connectionTo(socket: Socket): SharedConnection {
    const key = connectionKeyOf(socket)
    let connection = this.#connections.get(key)
    if (!connection) {
      connection = new SharedConnection(socket, this.#options)
      this.#connections.set(key, connection)
    }
    return connection
  }
}
