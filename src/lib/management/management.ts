import type { QueueState } from '#lib/domain/routing/queue-state.ts'
import type { Binding, Exchange } from '#lib/domain/routing/route.ts'

/** The port to RabbitMQ's management API: what AMQP does not show. All of it throws EviError `unreachable` or `refused`. */
export interface Management {
  /** The host of its URL, without the port. */
  readonly host: string
  /** The cluster it speaks for, by the name that AMQP reports, too. */
  cluster(): Promise<string | undefined>
  /** The exchange, or undefined. */
  exchange(vhost: string, name: string): Promise<Exchange | undefined>
  /** All exchanges of the vhost but the default one. */
  exchanges(vhost: string): Promise<readonly Exchange[]>
  /** The bindings that lead away from the exchange. */
  bindingsFrom(vhost: string, exchange: string): Promise<readonly Binding[]>
  /** All bindings of the vhost. */
  bindings(vhost: string): Promise<readonly Binding[]>
  /** All queues of the vhost. */
  allQueues(vhost: string): Promise<readonly QueueState[]>
  /** What is known of the queues, by their names; one listing for many. A queue that is not there has no entry. */
  queues(vhost: string, names: readonly string[]): Promise<ReadonlyMap<string, QueueState>>
  /** The vhosts that have a queue or exchange of this name, of those that the user may see. */
  vhostsWith(kind: NamedKind, name: string): Promise<readonly string[]>
  /** The names of the first 500 queues or exchanges of the vhost. */
  names(kind: NamedKind, vhost: string): Promise<readonly string[]>
  /** The connections of clients to the vhost, those of the user's own or, with the tag `monitoring`, all. */
  connections(vhost: string): Promise<readonly ClientConnection[]>
}

/** As the API calls them. */
export type NamedKind = 'queues' | 'exchanges'

/** An API at an address that may be wrong. */
export interface GuessedManagement extends Management {
  /** Whether what answers there within `limit` milliseconds is a management API; gives no login away. */
  isThere(limit: number): Promise<boolean>
}

/** A client's connection, as far as evi looks at it. */
export interface ClientConnection {
  /** Such as `127.0.0.1:40000 -> 127.0.0.1:5672`. */
  readonly name: string
  readonly user: string
  /** What the client library calls itself. */
  readonly product: string
  /** The broker has closed it, and the client does not answer. */
  readonly isClosed: boolean
  /** The broker has closed a channel of it, and the client does not answer. */
  readonly hasClosingChannel: boolean
}

/** Where the API is, and who asks. */
export interface ManagementLogin {
  /** `http://` or `https://`, with a path where a proxy wants one; without a login. */
  readonly url: URL
  readonly user: string
  readonly password: string
  /** Certificates of the authorities to trust over HTTPS (PEM), of the socket's TLS domain. */
  readonly authorities?: Buffer | undefined
}
