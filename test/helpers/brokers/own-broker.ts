import { afterAll, beforeAll, inject } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from '#lib/sandbox/sandbox.ts'
import { borrow } from './borrow.ts'
import type { LentBroker } from './broker-pool.ts'
import { Client } from './client.ts'
import { quickRabbitmqctl } from './quick-rabbitmqctl.ts'

/** A RabbitMQ that no other test uses at the same time. */
export type TestSandbox = LentBroker & Pick<Sandbox, 'rabbitmqctl' | 'stop'>

/** A RabbitMQ of a test file's own, for what would disturb others, with another client on it. */
export interface OwnBroker {
  broker: TestSandbox
  client: Client
  /** As a socket starts. */
  address: string
}

/** It is there from before the file's tests until after them. */
export function ownBroker(options: SandboxOptions): OwnBroker {
  const own = {} as OwnBroker
  beforeAll(async () => {
    own.broker = await startTestSandbox(options)
    own.client = await Client.connect(own.broker.port)
    own.address = `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}`
  })
  afterAll(async () => {
    await own.client?.close()
    await own.broker?.stop()
  })
  return own
}

/** Borrows one that is as new, where the options ask for no more than the management API, or starts one. */
export async function startTestSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const isUsual = Object.keys(options).every((option) => option === 'management')
  const broker = isUsual ? await borrow(inject('brokerPool')) : await startSandbox(options)
  return { ...broker, rabbitmqctl: quickRabbitmqctl(broker, { erlCall: inject('erlCall') }) }
}
