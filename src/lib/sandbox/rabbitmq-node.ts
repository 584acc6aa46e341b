import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EviError } from '#lib/errors.ts'
import { type Layout, loopback, type Ports } from './node-files.ts'
import { ask, brokerVersion, managementAnswer } from './readiness.ts'
import { type HomeKeeper, type Keeper, keepBroker } from './supervisor.ts'

/** Milliseconds. A start takes 4 to 5 s on two cores, and a minute where they have forty times as much to do. */
const patience = 180_000
const logPrefix = /^[\d-]+ \S+ \[\w+\] <[\d.]+> ?/

export interface StartedNode {
  readonly keeper: Keeper
  /** Undefined when it did not come up. */
  readonly version: string | undefined
}

/** Starts RabbitMQ in its layout, with the data of the last time, and waits until it serves. */
export async function startNode(layout: Layout, home: HomeKeeper, given?: AbortSignal): Promise<StartedNode> {
  const keeper = keepBroker(layout, home)
  const gone = new AbortController()
  keeper.ended.then(() => gone.abort())
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(patience), ...(given ? [given] : [])])
  const version = await ask(() => brokerVersion(layout.ports.amqp), signal)
  const url = managementUrl(layout.ports)
  const ready = url === null || (await ask(() => managementAnswer(url), signal)) !== undefined
  return { keeper, version: ready ? version : undefined }
}

export function managementUrl({ management }: Ports): string | null {
  return management === null ? null : `http://${loopback}:${management}`
}

/** Runs `rabbitmqctl` against the node and returns what that printed. */
export async function rabbitmqctl({ bin, environment }: Layout, words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(bin, 'rabbitmqctl'), words, { env: environment })
  return stdout
}

export function didNotStart(keeper: Keeper): EviError {
  return new EviError('unreachable', `RabbitMQ did not start. It said:\n${lastWords(keeper)}`, {
    hint: 'The machine needs about 200 MB of free memory and 100 MB in its directory for temporary files.',
  })
}

/** The first error and what follows it, for Erlang then goes on for pages; the last lines when there is none. */
export function lastWords(keeper: Keeper): string {
  const lines = keeper
    .output()
    .split('\n')
    .filter((line) => line.replace(logPrefix, '').trim() !== '')
  const failure = lines.findIndex((line) => line.includes('[error]'))
  const shown = failure < 0 ? lines.slice(-8) : lines.slice(failure, failure + 8)
  return shown.map((line) => `  ${line.replace(logPrefix, '').trimEnd()}`).join('\n')
}
