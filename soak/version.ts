import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { findServer, serverDirectories } from '#lib/sandbox/find-server.ts'

/** The version of the machine's RabbitMQ. */
export function rabbitmqVersion(): string {
  const bin = findServer(serverDirectories(process.env.PATH))
  // A RabbitMQ that brings its own Erlang has it beside its programs.
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
  return execFileSync(join(bin, 'rabbitmqctl'), ['version'], { encoding: 'utf8', env }).trim()
}
