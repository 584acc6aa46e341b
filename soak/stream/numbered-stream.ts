import { closeSync, openSync, readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { peakMemoryOf, type Started, said, start } from '../../scripts/program.ts'
import type { Rig } from '../scenario.ts'
import { type Numbers, numberedEvents } from './events.ts'

export interface NumberedStreamOptions {
  readonly rig: Rig
  /** For `evi raise -`, beside what each stream has. */
  readonly argv: readonly string[]
  readonly numbers: Numbers
  /** A file with the events, where they are not handed over one by one. */
  readonly input?: string
}

/** How evi ended. */
export interface StreamEnd {
  /** Null when a signal killed it. */
  readonly code: number | null
  /** What it counted itself, if it came to that. */
  readonly summary: { readonly read: number; readonly delivered: number; readonly failed: number } | undefined
  /** How many events failed, by evi's argv of why. */
  readonly failures: ReadonlyMap<string, number>
  /** The last of what it said on stderr. */
  readonly said: string
}

/** Events that are handed over at a time. */
const block = 500
/** Milliseconds without progress after which evi counts as stuck. */
const stuckAfter = 5 * 60_000
/** Characters that are kept of its output. */
const kept = 65_536

/** `evi raise -` with numbered events on its stdin, handed over as fast as it takes them, up to a gate. */
export class NumberedStream implements Disposable {
  readonly ended: Promise<StreamEnd>
  /** The most memory it was seen to take, in MB. */
  peakMemory = 0
  /** The most file descriptors that it was seen to have. */
  descriptors = 0
  readonly #options: NumberedStreamOptions
  readonly #started: Started
  #fed: number
  #gate: number
  #stirred = Promise.withResolvers<void>()
  #over = false

  constructor(options: NumberedStreamOptions) {
    const { rig, argv, numbers, input } = options
    this.#options = options
    this.#fed = numbers.from
    this.#gate = numbers.from
    const stdin = input === undefined ? 'pipe' : openSync(input, 'r')
    const command = [...rig.evi, 'raise', '-', '--json', ...argv]
    this.#started = start(command, { stdio: [stdin, 'pipe', 'pipe'] }, rig.environment)
    if (typeof stdin === 'number') closeSync(stdin)
    this.ended = this.#untilEnd()
    if (this.#started.child.stdin) void this.#feed(this.#started.child.stdin)
  }

  /** Lets the events before this number through. */
  open(gate: number): void {
    this.#gate = gate
    this.#stir()
  }

  /** Lets nothing more through. @returns the number before which evi has been given all */
  hold(): number {
    this.#gate = this.#fed
    return this.#fed
  }

  /** Resolves when evi has been given the events before this number. @throws Error when it ends before */
  async fedTo(number: number): Promise<void> {
    while (this.#fed < number) {
      if (this.#over) throw new Error(`evi ended after ${this.#fed} events: ${(await this.ended).said}`)
      await this.#stirred.promise
    }
  }

  /** Resolves when evi says so. @throws Error when it ends before */
  async says(argv: string): Promise<void> {
    await said(this.#started, argv)
  }

  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void {
    this.#started.child.kill(signal)
  }

  /** Looks at what it takes of the machine. */
  look(): void {
    const { child } = this.#started
    try {
      this.peakMemory = Math.max(this.peakMemory, peakMemoryOf(child))
      this.descriptors = Math.max(this.descriptors, readdirSync(`/proc/${child.pid}/fd`).length)
    } catch {
      // It has just ended.
    }
  }

  [Symbol.dispose](): void {
    this.kill('SIGKILL')
  }

  async #feed(stdin: Writable): Promise<void> {
    const { to } = this.#options.numbers
    const stuck = setTimeout(() => this.kill('SIGKILL'), stuckAfter)
    while (this.#fed < to && !this.#over) {
      if (this.#fed >= this.#gate) await this.#stirred.promise
      else {
        const next = Math.min(this.#fed + block, this.#gate)
        const lines = numberedEvents({ from: this.#fed, to: next })
        // Until it is in the pipe, or evi is gone.
        const error = await new Promise((resolve) => stdin.write(lines, resolve))
        if (error) break
        this.#fed = next
        stuck.refresh()
        this.#stir()
      }
    }
    stdin.end()
    await this.ended
    clearTimeout(stuck)
  }

  async #untilEnd(): Promise<StreamEnd> {
    const { child } = this.#started
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-kept)
    })
    let summary: StreamEnd['summary']
    const failures = new Map<string, number>()
    createInterface({ input: child.stdout as Readable }).on('line', (line) => {
      const document = JSON.parse(line)
      summary ??= document.summary
      for (const { status, reason } of document.results ?? []) {
        const why = `${status} (${reason})`
        failures.set(why, (failures.get(why) ?? 0) + 1)
      }
    })
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    this.#over = true
    this.#stir()
    return { code, summary, failures, said }
  }

  #stir(): void {
    this.#stirred.resolve()
    this.#stirred = Promise.withResolvers()
  }
}
