import type { Binding, Exchange } from '#lib/domain/routing/route.ts'

/** The port to RabbitMQ's management API: what AMQP does not tell. */
export interface Management {
  /** The cluster it speaks for, by the name that AMQP tells too. @throws EviError `unreachable`, `refused` */
  cluster(): Promise<string | undefined>
  /** The exchange, or undefined. @throws EviError `unreachable`, `refused` */
  exchange(vhost: string, name: string): Promise<Exchange | undefined>
  /** All exchanges of the vhost but the default one. @throws EviError `unreachable`, `refused` */
  exchanges(vhost: string): Promise<readonly Exchange[]>
  /** The bindings that lead away from the exchange. @throws EviError `unreachable`, `refused` */
  bindingsFrom(vhost: string, exchange: string): Promise<readonly Binding[]>
}

/** Where the API is, and who asks. */
export interface ManagementLogin {
  /** `http://` or `https://`, with a path where a proxy wants one; without a login. */
  readonly url: URL
  readonly user: string
  readonly password: string
}
