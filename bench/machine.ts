import { spawnSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import type { Sandbox } from '../src/lib/sandbox/sandbox.ts'

/** What the numbers were measured on, as a list of facts. */
export function machineFacts({ version }: Sandbox): readonly string[] {
  const cores = cpus()
  return [
    `${cores.length} cores of ${cores[0]?.model.trim()}, shared by the programs and the broker`,
    `${Math.round(totalmem() / 2 ** 30)} GiB of memory, Linux ${release()}`,
    `Node ${process.versions.node}`,
    `RabbitMQ ${version} on the loopback address`,
    `librabbitmq ${librabbitmqVersion()}, gcc ${words('gcc', '-dumpfullversion')}`,
  ]
}

function librabbitmqVersion(): string {
  const macros = words('gcc', '-dM', '-E', '-include', 'amqp.h', '-x', 'c', '/dev/null')
  const part = (name: string) => new RegExp(`^#define AMQP_VERSION_${name} (\\d+)$`, 'm').exec(macros)?.[1]
  return ['MAJOR', 'MINOR', 'PATCH'].map(part).join('.')
}

function words(command: string, ...rest: string[]): string {
  return spawnSync(command, rest, { encoding: 'utf8' }).stdout.trim()
}
