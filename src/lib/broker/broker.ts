import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import type { BindingArguments } from '#lib/domain/routing/copying.ts'
import type { Declaration } from '#lib/domain/routing/declaration.ts'
import type { StreamOffset } from '#lib/domain/routing/stream-offset.ts'
import type { Host, Socket } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'

/** The port to RabbitMQ: what the use cases need of a broker, in types only. */
export interface Broker {
  /**
   * Connects and logs in to the first host of the socket that answers.
   *
   * @param observe called for each step on the way, failed ones included
   * @throws EviError `unreachable` or `refused`
   */
  connect(socket: Socket, timing: Timing, observe?: (stage: Stage) => void): Promise<BrokerConnection>
  /** Reaches the first host that answers, up to TLS and before the login. @throws EviError `unreachable` */
  reach(socket: Socket, timing: Timing, observe?: (stage: Stage) => void): Promise<void>
}

/** A step on the way to an open connection. */
export interface Stage {
  readonly host: Host
  readonly step: 'name' | 'tcp' | 'tls' | 'amqp' | 'login' | 'vhost'
  /** Milliseconds that the step took. */
  readonly ms: number
  /** Why the step failed; this host is given up then, and the next one tried where there is one. */
  readonly failure?: EviError
  /** `name`: all addresses; `tcp`: the one that answered. */
  readonly addresses?: readonly string[]
  readonly tls?: TlsFacts
  /** `amqp`: what the broker calls itself, such as `RabbitMQ 3.10.8`. */
  readonly broker?: string
  /** `login`: how. */
  readonly mechanism?: 'PLAIN' | 'EXTERNAL'
}

/** What a TLS connection is made of. */
export interface TlsFacts {
  /** Such as `TLSv1.3`. */
  readonly protocol: string
  /** The names the certificate is made out to. */
  readonly names: readonly string[]
  readonly issuer: string
  readonly daysLeft: number
  /** False where the domain says not to verify. */
  readonly verified: boolean
}

/** All in milliseconds but `heartbeat`, which is seconds (docs/settings.md). */
export interface Timing {
  /** For each address's TCP connection. */
  readonly connectTimeout: number
  /** For each later reply. */
  readonly replyTimeout: number
  readonly heartbeat: number
}

export interface BrokerConnection {
  /** The host that answered. */
  readonly host: Host
  /** The name of the broker's cluster, as RabbitMQ reports it. */
  readonly cluster: string | undefined
  /** Publishes once, mandatory. */
  publish(publication: Publication): Promise<PublishOutcome>
  /**
   * Opens a few channels to publish on to any sockets of the connection's login, mandatory.
   *
   * @throws EviError `unreachable`, `timeout`; a user's limit of channels ends the connection
   */
  openPublisher<M extends Message>(request: PublisherRequest<M>): Promise<Publisher<M>>
  /**
   * Declares a queue of evi's own, bounded in length and gone with the connection.
   *
   * @returns the socket, led to that queue
   * @throws EviError `refused`, `unreachable`, `timeout`
   */
  declareTemporaryQueue(socket: Socket): Promise<Socket>
  /**
   * Declares an exchange or a queue, durable, or binds a queue; what exists and is equal stays as it is.
   *
   * @throws EviError `precondition` where it exists and differs, `no-exchange`, `refused`, `unreachable`, `timeout`
   */
  declare(declaration: Declaration, socket: Socket): Promise<void>
  /** The type of the queue of the socket's routing key, as far as this user may see it. @throws EviError `unreachable`, `timeout` */
  queueKind(socket: Socket): Promise<QueueKind>
  /** Calls the listener whenever the broker starts to block publishers, with its reason, and when it stops. */
  onBlocked(listener: (reason: string | undefined) => void): void
  /**
   * Watches what comes by way of the socket's exchange and routing key, without touching the messages of others.
   *
   * @throws EviError `queue-exists`, `unroutable` (no such queue), `no-exchange`, `refused`, `timeout`
   */
  openConsumer(request: ConsumerRequest): Promise<Consumer>
  /**
   * Watches a named exchange by one queue of evi's own with a binding for each key, without touching the messages of others.
   *
   * @returns why the broker refused a key, for those that it did; with all of them refused, nothing is watched
   * @throws EviError what holds for all keys: `no-exchange`, `refused`, `timeout`
   */
  openCopies(request: CopiesRequest): Promise<ReadonlyMap<string, EviError>>
  /**
   * Reads what is ready in the queue of the socket's routing key and puts it back where it was, marked as redelivered.
   *
   * @throws EviError `queue-exists` where that would do harm, `unroutable` (no such queue), `refused`, `timeout`
   */
  peek(request: PeekRequest): Promise<Peeked>
  /** Whether the broker answers at all; a connection on which it does not is destroyed. */
  answers(): Promise<boolean>
  /** The user was refused a channel: from the start on, lookups share one, and none is opened right behind a closed one. */
  useFewChannels(): void
  /** Nothing is looked up any more, so that there is a channel for something else. */
  endLookups(): Promise<void>
  /** Looks for the exchange, without declaring it. @throws EviError `unreachable`, `timeout` */
  findExchange(name: string): Promise<LookupResult>
  /**
   * What can be learned of the socket's exchange without declaring or changing anything.
   *
   * @throws EviError `no-exchange`, `unreachable`, `timeout`
   */
  describeExchange(socket: Socket): Promise<ExchangeFacts>
  /** Looks for the queue, without declaring it. @throws EviError `unreachable`, `timeout` */
  findQueue(name: string): Promise<QueueLookup>
  /**
   * Finds out whether the socket's user may publish there: a message is published within a transaction that is rolled
   * back, so no queue ever gets it.
   */
  rehearse(socket: Socket): Promise<Rehearsal>
  /** Another connection waits for this one's descriptor, as the limit of open files (`ulimit -n`) has no room for both. */
  readonly isWanted: boolean
  /** Calls the listener whenever `isWanted` becomes true, until the connection is gone. */
  onWanted(listener: () => void): void
  /** Resolves when the connection is gone: with the reason, or with undefined after `close`. */
  readonly lost: Promise<EviError | undefined>
  /** Cuts a connection on which nothing comes; `lost` gets the reason. */
  destroy(reason: string): void
  /** Closes in order, waiting for the broker's last word no longer than a reply may take. */
  close(): Promise<void>
}

/** `unknown`: the broker does not say. */
export type QueueKind = 'classic' | 'quorum' | 'stream' | 'exclusive' | 'unknown'

/** What was found under a name; `forbidden` where the user is not permitted to look. */
export type LookupResult =
  | { readonly found: true }
  /** With the broker's own sentence, to stand behind evi's. */
  | { readonly found: false; readonly quote: string }
  /** With the user that really logged in, where the broker names it. */
  | { readonly found: 'forbidden'; readonly reason: string; readonly user: string | undefined }

/** What AMQP shows of an exchange; undefined for what it does not show this user, or at all. */
export interface ExchangeFacts {
  readonly type: string | undefined
  /** That of the exchange's own arguments, null where there is none; that of a policy is not seen over AMQP. */
  readonly alternate: string | null | undefined
  /** Whether it is deleted as soon as its last binding goes. */
  readonly autoDelete: boolean | undefined
}

export type QueueLookup =
  | { readonly found: true; readonly messages: number; readonly consumers: number }
  /** It is exclusive to another connection, so there are no numbers to be had. */
  | { readonly found: 'exclusive' }
  | Exclude<LookupResult, { found: true }>

export type Rehearsal = { readonly status: 'possible' } | PublishFailure

export interface Publication {
  readonly socket: Socket
  readonly body: Buffer
  readonly properties: MessageProperties
}

export interface Message {
  readonly body: Buffer
  /** Beside those that the publisher sets for all. */
  readonly properties?: MessageProperties | undefined
}

export interface PublisherRequest<M extends Message> {
  /** For every message, before its own. */
  readonly properties: MessageProperties
  readonly channels: ChannelUse
  /**
   * Milliseconds to wait for confirms, beyond the reply timeout, from a broker that answers everything else, as where a
   * queue has lost its leader; a broker that blocks publishers is waited for without limit. Where undefined, both are
   * failures after the reply timeout.
   */
  readonly stallLimit: number | undefined
  readonly listener: PublisherListener<M>
}

/** How many channels may be opened. */
export interface ChannelUse {
  /** The most; fewer where the broker allows fewer on a connection. */
  readonly most: number
  /** The user has few, so that one is opened in the place of another only after the broker has forgotten that. */
  readonly isScarce: boolean
}

export interface PublisherListener<M extends Message> {
  /** Called once for each message and socket: the broker has confirmed, returned, rejected or refused it. */
  settled(message: M, socket: Socket, outcome: PublishOutcome): void
  /** Called before a message is sent again that may have arrived, as the broker closed its channel for another one. */
  resending(message: M, socket: Socket): void
  /** Called once, when nothing more comes: the connection is lost, or of no use. @param open in order for each socket */
  ended(reason: PublishFailure, open: readonly OpenMessage<M>[]): void
}

/** A message that is not settled. */
export interface OpenMessage<M extends Message> {
  readonly message: M
  readonly socket: Socket
  /** It was published, and not confirmed. */
  readonly mayHaveArrived: boolean
}

/** How a message is published that was published before. */
export interface PublishManner {
  /** `resending` is called for it. */
  readonly mayHaveArrived?: boolean
  /** On a channel that is opened after this call: one that met a queue without a leader may go on rejecting. */
  readonly renewed?: boolean
}

export interface Publisher<M extends Message> {
  /**
   * Gathers the message for the next `flush`. Messages to a socket keep their order.
   *
   * @param socket the same object for the same socket
   * @throws EviError `data` for properties that cannot be sent
   */
  publish(message: M, socket: Socket, manner?: PublishManner): void
  /** Sends what was gathered. */
  flush(): void
  /** The connection takes no more for now; what is sent nevertheless is kept in memory. */
  readonly congested: boolean
  /** Resolves when the connection takes more, or is gone. */
  drained(): Promise<void>
  /** Closes the channels and returns what is not settled; the listener is not called any more. */
  close(): readonly OpenMessage<M>[]
}

/** What became of a message; an asynchronous raise says `sent` where the broker confirmed. */
export type PublishOutcome = { readonly status: 'sent' | 'confirmed' } | PublishFailure

/**
 * A mode of watching that has to be asked for: RabbitMQ's firehose, a stream from an offset on or with its last messages, or a stand-in that is
 * declared without a look at what is there, as a look at a queue whose node is down is not answered (RabbitMQ 4).
 */
export type WatchMode = 'firehose' | 'stand-in' | { readonly from: StreamOffset } | { readonly last: number }

export interface ConsumerRequest {
  readonly socket: Socket
  /**
   * By default, a named exchange is copied; on the default exchange the consumer stands in for a queue that is not there,
   * and reads along with one that is a stream.
   */
  readonly mode?: WatchMode | undefined
  /** The pattern for a named exchange; the socket's routing key by default. */
  readonly bindingKey: string | undefined
  /** For the binding, where the exchange's type wants them. */
  readonly bindingArguments?: BindingArguments | undefined
  /** Messages that may be unacknowledged; by default as many as make reading fast. */
  readonly prefetch?: number | undefined
  /** Called with the messages that came together, in order; the next ones wait while its promise does. */
  readonly onMessages: (messages: readonly ReceivedMessage[]) => Promise<void>
  /** The consumer's own queue is full: the watcher is too slow and the broker drops the oldest events. */
  readonly onOverflow: (limit: number) => void
}

export interface CopiesRequest extends Pick<ConsumerRequest, 'prefetch' | 'onMessages' | 'onOverflow'> {
  /** One of those with the exchange and login. */
  readonly socket: Socket
  /** Each once. */
  readonly bindingKeys: readonly string[]
  /** How many channels may be opened together. */
  readonly channels: number
}

export interface Consumer {
  /** `stand-in`: no queue had the routing key's name, and the consumer's own took it. */
  readonly kind: 'copy' | 'stand-in' | 'stream' | 'firehose'
  /** Where the reading of a stream began. */
  readonly from?: StreamOffset
}

export interface PeekRequest {
  readonly socket: Socket
  /** The most messages to read. */
  readonly limit: number
}

export interface Peeked {
  /** In the queue's order. */
  readonly messages: readonly ReceivedMessage[]
  /** Messages that were ready, too, and were not read. */
  readonly left: number
  readonly consumers: number
}

export interface ReceivedMessage {
  readonly body: Buffer
  readonly exchange: string
  readonly routingKey: string
  readonly redelivered: boolean
  /** By amqplib's names; undefined where not set. */
  readonly properties: object
  /** Its watched in the stream that it was read from. */
  readonly offset?: number
}
