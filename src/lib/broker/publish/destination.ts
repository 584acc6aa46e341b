import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { MessageEncoder } from './encoding/message-encoder.ts'
import type { Route } from './unconfirmed.ts'

/**
 * Milliseconds without an attempt after a failure that the next message would meet, too; twice as long each time, and
 * longer where many rest, as each attempt may close a channel: to open another one costs several milliseconds.
 */
const rests = { shortest: 1000, longest: 30_000, forEach: 20 }

/** How many places of a connection rest. */
interface RestCount {
  resting: number
}

/** The time after a failure in which further messages to the same place fail alike, without being published. */
export class Rest {
  readonly #count: RestCount
  #begun = 0
  #length = 0
  #next = rests.shortest
  #failureFor: ((socket: Socket) => PublishFailure) | undefined
  /** As each is made of the broker's sentence, and asked for with each message. */
  #failures: Map<Socket, PublishFailure> | undefined

  /** @param count shared by all of the connection */
  constructor(count: RestCount) {
    this.#count = count
  }

  begin(failureFor: (socket: Socket) => PublishFailure): void {
    if (!this.isOn) this.#count.resting++
    this.#failures = undefined
    this.#failureFor = failureFor
    this.#begun = performance.now()
    this.#length = this.#next
    this.#next = Math.min(this.#next * 2, rests.longest)
  }

  /** It began, and no attempt has succeeded since. */
  get isOn(): boolean {
    return this.#failureFor !== undefined
  }

  /** An attempt succeeded. */
  end(): void {
    if (this.isOn) this.#count.resting--
    this.#failureFor = undefined
    this.#next = rests.shortest
  }

  /** Why a message to the socket fails now; undefined where it is to be sent. */
  failureFor(socket: Socket): PublishFailure | undefined {
    if (!this.#failureFor) return undefined
    const length = Math.max(this.#length, rests.forEach * this.#count.resting)
    if (performance.now() >= this.#begun + length) return undefined
    this.#failures ??= new Map()
    let failure = this.#failures.get(socket)
    if (!failure) {
      failure = this.#failureFor(socket)
      this.#failures.set(socket, failure)
    }
    return failure
  }
}

/** What is known of an exchange on a connection, for all sockets that lead to it. */
export class ExchangeState {
  /** The broker has processed a message to it, so the next one closes no channel, unless something changes. */
  isTried = false
  /** Its first message waits for its channel, or is in flight: alone, as it closes the channel where it is refused. */
  isOnTrial = false
  readonly rest: Rest

  constructor(count: RestCount) {
    this.rest = new Rest(count)
  }
}

interface DestinationOptions<C> {
  readonly exchangeState: ExchangeState
  readonly channel: C
  readonly count: RestCount
}

/** Where messages of a publisher go: one socket's exchange and routing key, always on the same channel. */
export class Destination<C> implements Route {
  readonly socket: Socket
  readonly exchange: string
  readonly routingKey: string
  readonly exchangeState: ExchangeState
  readonly channel: C
  readonly rest: Rest
  /** The broker has processed a message to it. */
  isTried = false
  /** For messages with the publisher's properties. */
  encoder: MessageEncoder | undefined
  /** The one that was asked for after it the last time. */
  next: Destination<C> | undefined

  constructor(socket: Socket, { exchangeState, channel, count }: DestinationOptions<C>) {
    this.rest = new Rest(count)
    this.socket = socket
    this.exchange = socket.exchange
    this.routingKey = socket.routingKey
    this.exchangeState = exchangeState
    this.channel = channel
  }

  /** The rest that a failure begins, for all that go to the exchange or for this destination alone. */
  restOf(scope: 'exchange' | 'route'): Rest {
    if (scope === 'route') return this.rest
    this.exchangeState.isTried = false
    return this.exchangeState.rest
  }

  /** Why a message fails without an attempt now, if it does. */
  failure(): PublishFailure | undefined {
    return this.exchangeState.rest.failureFor(this.socket) ?? this.rest.failureFor(this.socket)
  }
}

/** The destinations of a publisher, dealt out to its channels in turn. */
export class Destinations<C> {
  readonly #channels: readonly C[]
  readonly #bySocket = new Map<Socket, Destination<C>>()
  readonly #exchanges = new Map<string, ExchangeState>()
  readonly #count: RestCount = { resting: 0 }
  #last: Destination<C> | undefined

  constructor(channels: readonly C[]) {
    this.#channels = channels
  }

  /** Any of the sockets, which share a connection. */
  get anySocket(): Socket | undefined {
    const [socket] = this.#bySocket.keys()
    return socket
  }

  of(socket: Socket): Destination<C> {
    // Each message goes to the same sockets in the same order, and looking one of thousands up is slow.
    let destination = this.#last?.next
    if (destination?.socket !== socket) {
      destination = this.#bySocket.get(socket) ?? this.#add(socket)
      if (this.#last) this.#last.next = destination
    }
    this.#last = destination
    return destination
  }

  #add(socket: Socket): Destination<C> {
    let exchangeState = this.#exchanges.get(socket.exchange)
    if (!exchangeState) {
      exchangeState = new ExchangeState(this.#count)
      this.#exchanges.set(socket.exchange, exchangeState)
    }
    const channel = this.#channels[this.#bySocket.size % this.#channels.length] as C
    const destination = new Destination(socket, { exchangeState, channel, count: this.#count })
    this.#bySocket.set(socket, destination)
    return destination
  }
}
