import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { MessageEncoder } from './message-encoder.ts'
import type { Route } from './unconfirmed.ts'

/** Milliseconds without an attempt after a failure that the next message would meet, too; twice as long each time. */
const rests = { shortest: 1000, longest: 30_000 }

/** The time after a failure in which further messages to the same place fail alike, without being published. */
export class Rest {
  #until = 0
  #next = rests.shortest
  #failureFor: ((socket: Socket) => PublishFailure) | undefined
  /** As each is made of the broker's sentence, and asked for with each message. */
  readonly #failures = new Map<Socket, PublishFailure>()

  begin(failureFor: (socket: Socket) => PublishFailure): void {
    this.#failures.clear()
    this.#failureFor = failureFor
    this.#until = performance.now() + this.#next
    this.#next = Math.min(this.#next * 2, rests.longest)
  }

  /** It began, and no attempt has succeeded since. */
  get isOn(): boolean {
    return this.#failureFor !== undefined
  }

  /** An attempt succeeded. */
  end(): void {
    this.#failureFor = undefined
    this.#next = rests.shortest
  }

  /** Why a message to the socket fails now; undefined where it is to be sent. */
  failureFor(socket: Socket): PublishFailure | undefined {
    if (!this.#failureFor || performance.now() >= this.#until) return undefined
    let failure = this.#failures.get(socket)
    if (!failure) {
      failure = this.#failureFor(socket)
      this.#failures.set(socket, failure)
    }
    return failure
  }
}

/** What is known of an exchange on a connection, for all sockets that lead to it. */
export class ExchangeState<C> {
  /** The broker has processed a message to it, so the next one closes no channel, unless something changes. */
  isTried = false
  /** The channel with the first message to it, which goes alone, as it closes the channel where it is refused. */
  probe: C | undefined
  readonly rest = new Rest()
}

/** Where messages of a publisher go: one socket's exchange and routing key, always on the same channel. */
export class Destination<C> implements Route {
  readonly socket: Socket
  readonly exchange: string
  readonly routingKey: string
  readonly exchangeState: ExchangeState<C>
  readonly channel: C
  readonly rest = new Rest()
  /** For messages with the publisher's properties. */
  encoder: MessageEncoder | undefined

  constructor(socket: Socket, exchangeState: ExchangeState<C>, channel: C) {
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
  readonly #exchanges = new Map<string, ExchangeState<C>>()

  constructor(channels: readonly C[]) {
    this.#channels = channels
  }

  /** Any of the sockets, which share a connection. */
  get anySocket(): Socket | undefined {
    const [socket] = this.#bySocket.keys()
    return socket
  }

  of(socket: Socket): Destination<C> {
    return this.#bySocket.get(socket) ?? this.#add(socket)
  }

  #add(socket: Socket): Destination<C> {
    let exchange = this.#exchanges.get(socket.exchange)
    if (!exchange) {
      exchange = new ExchangeState()
      this.#exchanges.set(socket.exchange, exchange)
    }
    const channel = this.#channels[this.#bySocket.size % this.#channels.length] as C
    const destination = new Destination(socket, exchange, channel)
    this.#bySocket.set(socket, destination)
    return destination
  }
}
