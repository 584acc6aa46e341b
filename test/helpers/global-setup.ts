import type { TestProject } from 'vitest/node'
import { startSandbox } from '#lib/sandbox/sandbox.ts'
import { buildIfStale } from '../../scripts/prepare.ts'

/** One RabbitMQ for all tests of a run, which keep apart by the names of their queues. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  if (!buildIfStale()) throw new Error('The build failed.')
  const sandbox = await startSandbox()
  project.provide('sandbox', { socket: sandbox.socket, host: sandbox.host, port: sandbox.port })
  return () => sandbox.stop()
}
