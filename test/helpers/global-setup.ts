import type { TestProject } from 'vitest/node'
import { startSandbox } from '#lib/sandbox/sandbox.ts'
import { buildIfStale } from '../../scripts/prepare.ts'
import { BrokerPool } from './brokers/broker-pool.ts'
import { findErlCall } from './brokers/erl-call.ts'

/** One RabbitMQ for all tests of a run, which keep apart by the names of their queues, and others to borrow. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  if (!buildIfStale()) throw new Error('The build failed.')
  const sandbox = await startSandbox()
  project.provide('sandbox', { socket: sandbox.socket, host: sandbox.host, port: sandbox.port })
  const erlCall = await findErlCall(sandbox)
  project.provide('erlCall', erlCall)
  const pool = new BrokerPool(erlCall)
  project.provide('brokerPool', await pool.listen())
  return async () => {
    await Promise.all([sandbox.stop(), pool.stop()])
  }
}
