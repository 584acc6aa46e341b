import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { shellWord } from '#lib/text/shell-word.ts'
import { type Layout, loopback } from './node-files.ts'

const programs = [
  'rabbitmqctl',
  'rabbitmq-diagnostics',
  'rabbitmq-plugins',
  'rabbitmq-queues',
  'rabbitmq-streams',
  'rabbitmq-upgrade',
]
const admin = 'rabbitmqadmin'

/** The commands that a sandbox brings along; which of the programs it has depends on its RabbitMQ. */
export const sandboxTools: readonly string[] = [...programs, admin]

/**
 * Makes a directory with RabbitMQ's own tools that reach this node whatever the environment, and returns its path: those
 * of the machine would change the machine's other broker.
 */
export function makeTools({ bin, directory, environment, ports }: Layout): string {
  const tools = join(directory, 'bin')
  mkdirSync(tools)
  const variables = Object.entries(environment)
    .map(([name, value = '']) => `export ${name}=${shellWord(value)}\n`)
    .join('')
  const write = (name: string, script: string) =>
    writeFileSync(join(tools, name), `#!/bin/sh\n${variables}${script}\n`, { mode: 0o755 })
  for (const name of programs.filter((one) => existsSync(join(bin, one))))
    write(name, `exec ${shellWord(join(bin, name))} "$@"`)
  write(admin, rabbitmqadmin(ports.management))
  return tools
}

/** PATH with the sandbox's tools before all others. */
export function pathWith(tools: string): string {
  return [tools, process.env.PATH].filter(Boolean).join(delimiter)
}

/** It knows a broker by its management API only; both of its syntaxes have these options. */
function rabbitmqadmin(port: number | null): string {
  const absent = (sentence: string, exit: number) => `{ echo ${shellWord(sentence)} >&2; exit ${exit}; }`
  if (port === null)
    return absent('This sandbox has no management API. Start one that has: evi sandbox --management', 1)
  const login = `--host=${loopback} --port=${port} --username=guest --password=guest`
  return `command -v rabbitmqadmin >/dev/null || ${absent('There is no rabbitmqadmin on this machine.', 127)}
exec rabbitmqadmin ${login} "$@"`
}
