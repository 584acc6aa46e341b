import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, runsAsRoot } from '../scripts/prepare.ts'

const names = ['publish', 'fan-out', 'latency', 'consume', 'cpu-time'] as const

/** The paths of the C programs on librabbitmq, against which evi is measured. */
export type Programs = Readonly<Record<(typeof names)[number], string>>

/**
 * Compiles the C programs; installs the compiler and librabbitmq where they are missing and that can be done unasked.
 *
 * @returns undefined when it cannot be done, which has been said then
 */
export function compilePrograms(directory: string): Programs | undefined {
  if (!compilerIsThere()) {
    process.stderr.write("Installing gcc and librabbitmq's headers …\n")
    runsAsRoot('bench/c/install.sh')
  }
  if (!compilerIsThere()) {
    process.stderr.write(
      'The benchmarks compare evi with C programs, and gcc or the headers of librabbitmq are missing.\n' +
        '  To install them: sudo apt-get install gcc libc6-dev librabbitmq-dev\n',
    )
    return undefined
  }
  const compiled = names.map((name) => [name, join(directory, name)] as const)
  for (const [name, path] of compiled) gcc('-o', path, join(root, `bench/c/${name}.c`), '-lrabbitmq')
  return Object.fromEntries(compiled) as Programs
}

function compilerIsThere(): boolean {
  return (
    spawnSync('gcc', ['-E', '-include', 'amqp.h', '-x', 'c', '/dev/null'], { stdio: 'ignore' }).status === 0
  )
}

function gcc(...words: string[]): void {
  const { status } = spawnSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', ...words], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`gcc cannot compile: ${words.join(' ')}`)
}
