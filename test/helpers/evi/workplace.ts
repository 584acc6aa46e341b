import { readdirSync, readlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { vi } from 'vitest'
import { serve } from '../brokers/local-server.ts'
import { methods, proxy, swallowingProxy } from '../brokers/servers.ts'
import { slowness } from '../slowness.ts'
import { Evi, type EviOptions, type RunningEvi } from './evi.ts'

const patient = { timeout: 50_000 * slowness, interval: 20 }

/** Where evi is brought into the middle of its work, in each of the ways that take long. */
export class Workplace {
  readonly evi = new Evi()
  /** The queues that evi had the broker name for it. */
  queues: ReadonlySet<string> = new Set()
  readonly #opened: { close(): unknown }[] = []

  /** A host that is asked, and never answers. */
  async asking(words: (host: string) => string[], options?: EviOptions): Promise<RunningEvi> {
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    const silent = await serve((connection) => connection.once('data', () => resolve()))
    this.#opened.push(silent)
    return await this.#reach(asked, words(`127.0.0.1:${silent.port}`), options)
  }

  /** The test broker, which says nothing any more once it was sent a message, or another method. */
  async swallowing(
    words: (host: string) => string[],
    { method = methods.publish, ...options }: EviOptions & { method?: Buffer } = {},
  ): Promise<RunningEvi> {
    const way = await swallowingProxy(method)
    this.#opened.push(way)
    this.queues = way.queues
    return await this.#reach(way.swallowed, words(`127.0.0.1:${way.port}`), options)
  }

  /** The test broker, watched. */
  async tailing(route: string, ...flags: string[]): Promise<RunningEvi> {
    const way = await swallowingProxy()
    this.#opened.push(way)
    this.queues = way.queues
    const tail = this.evi.start(['tail', '-s', `rabbitmq:127.0.0.1:${way.port}/${route}`, ...flags])
    await tail.said('stderr', /Watching/)
    return tail
  }

  /** The test broker, whose connection was cut and cannot be made again. */
  async reconnecting(): Promise<RunningEvi> {
    const way = await proxy()
    const tail = this.evi.start(['tail', '-s', `rabbitmq:127.0.0.1:${way.port}/amq.topic?k`])
    await tail.said('stderr', /Watching/)
    await way.close()
    await tail.said('stderr', /Trying again in/)
    return tail
  }

  /** A pipe with a name, without a writer. */
  async reading(words: (pipe: string) => string[]): Promise<RunningEvi> {
    const pipe = join(this.evi.configDirectory, 'pipe')
    await this.evi.shell(`mkfifo '${pipe}'`)
    const running = this.evi.start(words(pipe))
    // Which waits until there is a reader.
    this.#opened.push(await open(pipe, 'w'))
    return running
  }

  /** The lock of the store, which another process holds. */
  async locked(...words: string[]): Promise<RunningEvi> {
    const lock = join(this.evi.configDirectory, 'subscriptions.lock')
    const held = new DatabaseSync(lock)
    held.exec('BEGIN EXCLUSIVE')
    this.#opened.push(held)
    const running = this.evi.start(words)
    await vi.waitUntil(() => isOpenElsewhere(lock), patient)
    return running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#opened) await one.close()
    await this.evi.dispose()
  }

  /** Starts evi, and waits until it has come so far. */
  async #reach(there: Promise<void>, words: string[], options?: EviOptions): Promise<RunningEvi> {
    const running = this.evi.start(words, options)
    const early = running.ended.then(({ stderr }) => `evi ended too early: ${stderr}`)
    const failure = await Promise.race([there, early])
    if (failure) throw new Error(failure)
    return running
  }
}

/** Whether another process has the file open. */
function isOpenElsewhere(file: string): boolean {
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return others.some((id) => filesOf(id).includes(file))
}

function filesOf(id: string): string[] {
  try {
    return readdirSync(`/proc/${id}/fd`).map((name) => readlinkSync(`/proc/${id}/fd/${name}`))
  } catch {
    // Gone since, or another user's.
    return []
  }
}
