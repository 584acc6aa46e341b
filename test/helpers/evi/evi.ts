import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { slowSettings } from '../slowness.ts'
import { program } from './program.ts'

/** V8's code of evi is made once for all tests of a user. */
const codeCache = join(tmpdir(), `evi-test-cache-${process.getuid?.()}`)

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface EviOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** What stands on stdin; default: nothing. */
  readonly input?: string | Buffer
  /** stdin stays open, for `RunningEvi.write`. */
  readonly open?: boolean
}

/** evi as it is shipped, used as a user does, with a configuration directory of its own. */
export class Evi {
  readonly configDirectory = mkdtempSync(join(tmpdir(), 'evi-test-'))
  /** How a shell calls it. */
  readonly command = program.map((word) => `"${word}"`).join(' ')
  readonly #running = new Set<RunningEvi>()

  /** Runs evi to its end. */
  async run(words: readonly string[], options: EviOptions = {}): Promise<Ended> {
    return await this.start(words, options).ended
  }

  /** Runs a shell script in which `evi` is evi. */
  async shell(script: string): Promise<Ended> {
    return await this.startShell(script).ended
  }

  startShell(script: string): RunningEvi {
    return this.#spawn(['bash', '-c', `evi() { ${this.command} "$@"; }\n${script}`], {})
  }

  /** The JSON document that evi prints. */
  async json<T>(...words: string[]): Promise<T> {
    return JSON.parse((await this.run([...words, '--json'])).stdout) as T
  }

  start(words: readonly string[], options: EviOptions = {}): RunningEvi {
    // The settings that evi shows are its own.
    const slow = words[0] === 'settings' ? {} : slowSettings
    const environment = { ...slow, ...options.environment }
    return this.#spawn([...program, ...words], { ...options, environment })
  }

  #spawn(command: readonly string[], { environment, input, open }: EviOptions): RunningEvi {
    const child = spawn(command[0] as string, command.slice(1), {
      env: {
        PATH: process.env.PATH,
        HOME: this.configDirectory,
        EVI_CONFIG_DIR: this.configDirectory,
        EVI_CACHE_DIR: codeCache,
        ...environment,
      },
      detached: true,
    })
    child.stdin?.on('error', () => {})
    if (open) child.stdin?.write(input ?? '')
    else child.stdin?.end(input)
    const running = new RunningEvi(child)
    this.#running.add(running)
    running.ended.then(() => this.#running.delete(running))
    return running
  }

  /** Ends what still runs and removes the directory. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.kill('SIGKILL')))
    // What a terminal hung up on, such as a shell and its history, may still write there.
    rmSync(this.configDirectory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

export class RunningEvi {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #heard: (() => void)[] = []
  stdout = ''
  stderr = ''

  constructor(child: ChildProcess) {
    this.#child = child
    const start = performance.now()
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear('stdout', text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#hear('stderr', text))
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) =>
        resolve({ code, stdout: this.stdout, stderr: this.stderr, ms: performance.now() - start }),
      )
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it has come so far that a signal does not simply end it (Linux). */
  handles(signal: NodeJS.Signals): boolean {
    const caught = /SigCgt:\s+(\w+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1] ?? '0'
    return ((BigInt(`0x${caught}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n
  }

  /** Waits until the stream has said so; fails when evi ends before. */
  async said(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      const look = () => {
        if (pattern.test(this[stream])) resolve()
      }
      this.#heard.push(look)
      look()
    })
    const silence = this.ended.then((end) => {
      if (!pattern.test(end[stream]))
        throw new Error(`evi ended (${end.code}) without saying ${pattern}: ${end.stderr}`)
    })
    await Promise.race([heard, silence])
  }

  /** Writes to its stdin, where that was left open. */
  write(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Ends its stdin. */
  endInput(): void {
    this.#child.stdin?.end()
  }

  /** Ends it. */
  async kill(signal: NodeJS.Signals): Promise<Ended> {
    this.send(signal)
    return await this.ended
  }

  /** Sends a signal to its whole group, as a terminal does. */
  send(signal: NodeJS.Signals): void {
    if (this.#child.pid !== undefined && this.#child.exitCode === null) process.kill(-this.#child.pid, signal)
  }

  #hear(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text
    for (const look of this.#heard) look()
  }
}
