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
  }
}

export const testBroker: TestBroker = inject('sandbox')
