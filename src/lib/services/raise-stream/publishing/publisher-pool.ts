import { setTimeout as sleep } from 'node:timers/promises'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, Message, Timing } from '#lib/broker/broker.ts'
import { connectionKeyOf, printAddress, type Socket, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import { ChannelTurns } from './channel-turns.ts'
import { ConnectionPublisher } from './connection-publisher.ts'
import type { PublishingOptions } from './publishing-options.ts'
import { SharedConnection } from './shared-connection.ts'

export interface PublisherPoolOptions<M extends Message> extends PublishingOptions<M> {
  readonly broker: Broker
  readonly timing: Timing
}

/** The sockets of a message that share a publisher. */
interface Share<M extends Message> {
  readonly publisher: ConnectionPublisher<M>
  readonly sockets: readonly Socket[]
}

/** The publishers of a stream: one connection for each login, made when it is first needed. */
export class PublisherPool<M extends Message> {
  readonly #options: PublisherPoolOptions<M>
  readonly #connections = new Map<string, SharedConnection>()
  readonly #publishers = new Map<string, ConnectionPublisher<M>>()
  /** By the users of the brokers. */
  readonly #turns = new Map<string, ChannelTurns>()
  /** One object for each wiring, as the publishers know sockets by it. */
  readonly #sockets = new Map<string, Socket>()
  readonly #shares = new WeakMap<readonly Socket[], readonly Share<M>[]>()

  constructor(options: PublisherPoolOptions<M>) {
    this.#options = options
  }

  /** What messages were published to, each wiring once. */
  get sockets(): ReadonlyMap<string, Socket> {
    return this.#sockets
  }

  /**
   * Takes a message for the sockets. Returns a promise where the next one has to wait, as a promise for each would cost
   * more than all the rest.
   *
   * @param sockets the same array for the same sockets, so that they are looked up once
   */
  offer(message: M, sockets: readonly Socket[]): Promise<void> | undefined {
    let isFull = false
    for (const share of this.#sharesOf(sockets)) {
      share.publisher.offer(message, share.sockets)
      isFull ||= share.publisher.isFull
    }
    return isFull ? this.#makeRoom(sockets) : undefined
  }

  /** Sends what was offered. */
  flush(): void {
    for (const publisher of this.#publishers.values()) publisher.flush()
  }

  /** Fails what is not in flight, so that it is known before what is offered after an interruption. */
  dropUnsent(): void {
    for (const publisher of this.#publishers.values()) publisher.dropUnsent()
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
    const room = Promise.all(this.#sharesOf(sockets).map(({ publisher }) => publisher.room()))
    await unlessStopped(this.#options.signal, room)
  }

  #sharesOf(sockets: readonly Socket[]): readonly Share<M>[] {
    let shares = this.#shares.get(sockets)
    if (!shares) {
      const groups = Map.groupBy(sockets, connectionKeyOf)
      shares = [...groups].map(([key, group]) => ({
        publisher: this.#publisherFor(key, group[0] as Socket),
        sockets: group.map((socket) => this.#sameSocket(socket)),
      }))
      this.#shares.set(sockets, shares)
    }
    return shares
  }

  #publisherFor(key: string, socket: Socket): ConnectionPublisher<M> {
    let publisher = this.#publishers.get(key)
    if (!publisher) {
      const connection = new SharedConnection(socket, { ...this.#options, turns: this.#turnsOf(socket) })
      this.#connections.set(key, connection)
      publisher = new ConnectionPublisher({ ...this.#options, connection })
      this.#publishers.set(key, publisher)
    }
    return publisher
  }

  #turnsOf({ hosts, user }: Socket): ChannelTurns {
    const key = JSON.stringify([hosts.map(printAddress), user])
    const turns = this.#turns.get(key) ?? new ChannelTurns()
    this.#turns.set(key, turns)
    return turns
  }

  /** The object that stands for the socket from its first message on. */
  #sameSocket(socket: Socket): Socket {
    const key = JSON.stringify([wiringKeyOf(socket), socket.persistent])
    const known = this.#sockets.get(key)
    if (known) return known
    this.#sockets.set(key, socket)
    return socket
  }
}
