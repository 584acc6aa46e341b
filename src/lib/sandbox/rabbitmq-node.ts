import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EviError } from '#lib/errors.ts'
import { type Home, type Layout, loopback, type Ports } from './node-files.ts'
import { ask, brokerVersion, managementAnswer } from './readiness.ts'
import { type Supervisor, superviseNode } from './supervisor.ts'

/** Milliseconds. A start takes 4 to 5 s on two cores, and a minute where they have forty times as much to do. */
const startTimeout = 180_000
/** Printed behind the start of the last listener; before it, rabbitmqctl refuses to work. */
const hasBooted = / completed with \d+ plugins/
const logPrefix = /^[\d-]+ \S+ \[\w+\] <[\d.]+> ?/

export interface StartedNode {
  readonly supervisor: Supervisor
  /** Undefined when it did not come up. */
  readonly version: string | undefined
}

export interface StartOptions {
  /** What the node needs beside itself; it gives up starting when that has ended. */
  readonly home: Supervisor
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined
}

/** Starts RabbitMQ in its layout, with the data of the last time, and waits until it serves. */
export async function startNode(
  layout: Layout,
  homeFiles: Home,
  { home, signal: given }: StartOptions,
): Promise<StartedNode> {
  const supervisor = superviseNode(layout, homeFiles)
  const gone = new AbortController()
  Promise.race([supervisor.ended, home.ended]).then(() => gone.abort())
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(startTimeout), ...(given ? [given] : [])])
  const version = await ask(() => brokerVersion(layout.ports.amqp), signal)
  await ask(async () => hasBooted.test(supervisor.output()) || undefined, signal)
  const url = managementUrl(layout.ports)
  const ready = url === null || (await ask(() => managementAnswer(url), signal)) !== undefined
  return { supervisor, version: ready && !signal.aborted ? version : undefined }
}

/** Where the management API of the node listens; null where it has none. */
export function managementUrl({ management }: Ports): string | null {
  return management === null ? null : `http://${loopback}:${management}`
}

/** Runs `rabbitmqctl` against the node and returns what that printed. */
export async function rabbitmqctl({ bin, environment }: Layout, argv: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(bin, 'rabbitmqctl'), argv, { env: environment })
  return stdout
}

/** The failure of a node that did not start, with the end of its log. @param output what the supervisors wrote */
export function didNotStart(output: string): EviError {
  return new EviError('unreachable', `RabbitMQ did not start. Its log:\n${endOfLog(output)}`, {
    hint: hints.find(([sign]) => sign.test(output))?.[1] ?? hintOfMachine,
  })
}

/**
 * The failure of a node that ended although it was to run on, with the end of its log.
 *
 * @param output what the supervisors wrote
 */
export function endedByItself(output: string): EviError {
  return new EviError('unreachable', `RabbitMQ ended by itself. Its log:\n${endOfLog(output)}`)
}

const hintOfMachine = 'The machine needs about 200 MB of free memory.'
const hints: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:erl|epmd)\b.*(?:not found|No such file)/,
    'Install Erlang (Debian, Ubuntu: sudo apt-get install erlang-base), or put the directory of its erl into PATH.',
  ],
  [/open files: \d+/, 'Raise the limit of open files: ulimit -n 1024'],
  [/nodistribution/, 'Erlang needs the loopback address and the name localhost: getent hosts localhost'],
]

/** The first error and what follows it, for Erlang then goes on for pages; the last lines when there is none. */
function endOfLog(output: string): string {
  const lines = output.split('\n').filter((line) => line.replace(logPrefix, '').trim() !== '')
  const failure = lines.findIndex((line) => line.includes('[error]'))
  const shown = failure < 0 ? lines.slice(-8) : lines.slice(failure, failure + 8)
  if (shown.length === 0) return '  (empty)'
  return shown.map((line) => `  ${line.replace(logPrefix, '').trimEnd()}`).join('\n')
}
