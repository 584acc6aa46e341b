import { spawnSync } from 'node:child_process'

/** What the C programs were made with, as a fact. */
export function compilerFact(): string {
  return `librabbitmq ${librabbitmqVersion()}, gcc ${words('gcc', '-dumpfullversion')}`
}

function librabbitmqVersion(): string {
  const macros = words('gcc', '-dM', '-E', '-include', 'amqp.h', '-x', 'c', '/dev/null')
  const part = (name: string) => new RegExp(`^#define AMQP_VERSION_${name} (\\d+)$`, 'm').exec(macros)?.[1]
  return ['MAJOR', 'MINOR', 'PATCH'].map(part).join('.')
}

function words(command: string, ...rest: string[]): string {
  return spawnSync(command, rest, { encoding: 'utf8' }).stdout.trim()
}
