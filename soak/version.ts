import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { findServer, serverDirectories } from '#lib/sandbox/find-server.ts'

/** The version of the machine's RabbitMQ. */
export function rabbitmqVersion(): string {
  const program = join(findServer(serverDirectories(process.env.PATH)), 'rabbitmqctl')
  return execFileSync(program, ['version'], { encoding: 'utf8' }).trim()
}
