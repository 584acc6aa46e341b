import { afterAll, beforeAll } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from '#lib/sandbox/sandbox.ts'
import { Client } from './client.ts'

/** A RabbitMQ of a test file's own, for what would disturb others, with another client on it. */
export interface OwnBroker {
  broker: Sandbox
  client: Client
  /** As a socket starts. */
  address: string
}

/** It is there from before the file's tests until after them. */
export function ownBroker(options: SandboxOptions): OwnBroker {
  const own = {} as OwnBroker
  beforeAll(async () => {
    own.broker = await startSandbox(options)
    own.client = await Client.connect(own.broker.port)
    own.address = `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}`
  })
  afterAll(async () => {
    await own.client?.close()
    await own.broker?.stop()
  })
  return own
}
