import { inject } from 'vitest'

/** The RabbitMQ that runs for all tests (see global-setup.ts): guest, guest, vhost `/`. */
export interface TestBroker {
  readonly socket: string
  readonly host: string
  readonly port: number
}

declare module 'vitest' {
  interface ProvidedContext {
    sandbox: TestBroker
    /** The program that `ErlCall` takes; an empty string where there is none. */
    erlCall: string
    /** The port of the `BrokerPool`. */
    brokerPool: number
  }
}

export const testBroker: TestBroker = inject('sandbox')
