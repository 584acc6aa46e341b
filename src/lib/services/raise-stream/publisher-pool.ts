import { unlessStopped } from '#lib/async/unless-aborted.ts'
import type { Broker, Message, PublishOutcome, Timing } from '#lib/broker/broker.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import { connectionKeyOf, type Socket, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import { Link, type LinkListener } from './shared-connection.ts'
import { Delivery } from './socket-publisher.ts'

export interface DeliveriesOptions<M extends Message> {
  readonly broker: Broker
  readonly properties: MessageProperties
  readonly confirm: boolean
  readonly timing: Timing
  /** The most messages on their way to one socket. */
  readonly window: number
  /** Milliseconds to go on trying when a connection is lost. */
  readonly patience: number
  /** Begins nothing more, and brings what is on its way to an end. */
  readonly signal: AbortSignal
  readonly listener: LinkListener
  /** Told once for each message and socket. */
  readonly settled: (message: M, socket: Socket, outcome: PublishOutcome) => void
}

/** The deliveries of a stream, each made when it is first needed, over one connection for each login. */
export class Deliveries<M extends Message> {
  readonly #options: DeliveriesOptions<M>
  readonly #links = new Map<string, Link>()
  readonly #deliveries = new Map<string, Delivery<M>>()
  readonly #bySockets = new WeakMap<readonly Socket[], readonly Delivery<M>[]>()
  /** Those with something to send. */
  readonly #offered = new Set<Delivery<M>>()

  constructor(options: DeliveriesOptions<M>) {
    this.#options = options
  }

  /**
   * Takes a message for the sockets. Returns a promise where the next one has to wait, as a promise for each would cost
   * more than all the rest.
   *
   * @param sockets the same array for the same sockets, so that they are looked up once
   */
  offer(message: M, sockets: readonly Socket[]): Promise<void> | undefined {
    let full = false
    for (const delivery of this.#to(sockets)) {
      delivery.offer(message)
      this.#offered.add(delivery)
      full ||= delivery.full
    }
    return full ? this.#makeRoom(sockets) : undefined
  }

  /** Sends what was offered. */
  flush(): void {
    for (const delivery of this.#offered) delivery.flush()
    this.#offered.clear()
  }

  /** Waits for all that is on its way, after an interruption no longer than a reply may take, and closes in order. */
  async close(): Promise<void> {
    this.flush()
    const { signal, timing } = this.#options
    const deliveries = [...this.#deliveries.values()]
    const links = [...this.#links.values()]
    const done = Promise.all(deliveries.map((delivery) => delivery.done()))
    if ((await unlessStopped(signal, done)) === 'stopped') {
      const inTime = await unlessStopped(AbortSignal.timeout(timing.replyTimeout), done)
      if (inTime === 'stopped') for (const link of links) void link.cut('evi was interrupted')
      for (const delivery of deliveries) delivery.interrupt()
    }
    await Promise.all(links.map((link) => link.close()))
  }

  async #makeRoom(sockets: readonly Socket[]): Promise<void> {
    this.flush()
    const room = Promise.all(this.#to(sockets).map((delivery) => delivery.room()))
    await unlessStopped(this.#options.signal, room)
  }

  #to(sockets: readonly Socket[]): readonly Delivery<M>[] {
    let deliveries = this.#bySockets.get(sockets)
    if (!deliveries) {
      deliveries = sockets.map((socket) => this.#deliveryTo(socket))
      this.#bySockets.set(sockets, deliveries)
    }
    return deliveries
  }

  #deliveryTo(socket: Socket): Delivery<M> {
    const key = JSON.stringify([wiringKeyOf(socket), socket.persistent])
    let delivery = this.#deliveries.get(key)
    if (!delivery) {
      delivery = new Delivery({ ...this.#options, socket, link: this.#linkTo(socket) })
      this.#deliveries.set(key, delivery)
    }
    return delivery
  }

  #linkTo(socket: Socket): Link {
    const key = connectionKeyOf(socket)
    let link = this.#links.get(key)
    if (!link) {
      link = new Link(socket, this.#options)
      this.#links.set(key, link)
    }
    return link
  }
}
