import type { Declaration } from '#lib/domain/routing/declaration.ts'
import type { Host, Socket } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'
import type { ExchangeFacts, LookupResult, QueueKind, QueueLookup, Rehearsal } from './lookup-results.ts'
import type { Message, Publication, Publisher, PublisherRequest, PublishOutcome } from './publishing.ts'
import type { Consumer, ConsumerRequest, CopiesRequest, Peeked, PeekRequest } from './watching.ts'

export type * from './lookup-results.ts'
export type * from './publishing.ts'
export type * from './watching.ts'

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
  ping(): Promise<boolean>
  /** The user was refused a channel: from the start on, lookups share one, and none is opened right behind a closed one. */
  useFewChannels(): void
  /** Closes the channels of the lookups, which leaves room for another one; nothing can be looked up afterwards. */
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
