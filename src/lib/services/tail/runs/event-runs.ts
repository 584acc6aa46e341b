import type { TailedMessages } from '#lib/services/tail/tail-request.ts'
import { variablesOf } from './event-variables.ts'

/** What a command is run with. */
export interface EventInput {
  /** On its standard input. */
  readonly body: Buffer
  readonly variables: Readonly<Record<string, string>>
}

/** How a run ended. */
export interface RunEnd {
  /** 0 where all went well; 128 and the signal's number, 124 after a timeout, 126 and 127 where it could not be started. */
  readonly code: number
  /** For a sentence: `ended with exit code 7`. */
  readonly how: string
}

/** Runs the command once, to its end; the signal stops it. Never rejects. */
export type RunForEvent = (input: EventInput, signal: AbortSignal) => Promise<RunEnd>

export interface EventRunsOptions {
  readonly run: RunForEvent
  /** How many run at once. */
  readonly jobs: number
  /** Stops what runs; what has no run yet gets none. */
  readonly interrupted: AbortSignal
  readonly listener: EventRunsListener
}

export interface EventRunsListener {
  /** A run failed. @param failed how many have, with this one */
  failed(end: RunEnd, failed: number): void
  /** One has run for a minute, while nothing else can be started. */
  stuck(): void
}

/** Milliseconds after which a run that keeps others waiting is reported. */
const longRun = 60_000

/** Runs a command for each event, a few at once; the others wait for their turn, in order. */
export class EventRuns {
  readonly #options: EventRunsOptions
  readonly #turns: (() => void)[] = []
  readonly #open = new Set<Promise<void>>()
  #running = 0
  #done = 0
  #failed = 0
  #left = 0
  #lastFailure: RunEnd | undefined

  constructor(options: EventRunsOptions) {
    this.#options = options
  }

  /** Resolves once each of the messages has its run, which may still go on. */
  take(pieces: readonly TailedMessages[]): Promise<void> {
    const taken = this.#startAll(pieces)
    this.#remember(taken)
    return taken
  }

  /** Resolves once all that were taken have ended. */
  async ended(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open)
  }

  /** How many run at once. */
  get jobs(): number {
    return this.#options.jobs
  }

  get tally(): { readonly done: number; readonly failed: number; readonly left: number } {
    return { done: this.#done, failed: this.#failed, left: this.#left }
  }

  /** 130 where runs were cut off; 3 where some failed and, where all did, the last one's own code; else 0. */
  get exitCode(): number {
    if (this.#left > 0) return 130
    if (this.#lastFailure === undefined) return 0
    return this.#done > this.#failed ? 3 : this.#lastFailure.code
  }

  async #startAll(pieces: readonly TailedMessages[]): Promise<void> {
    const { jobs, interrupted } = this.#options
    const inOrder = pieces.flatMap((tailed) => tailed.messages.map((message) => ({ message, tailed })))
    for (const { message, tailed } of inOrder) {
      if (this.#running >= jobs) await new Promise<void>((resolve) => this.#turns.push(resolve))
      else this.#running++
      if (interrupted.aborted) {
        this.#left++
        this.#passOn()
      } else this.#remember(this.#runOnce({ body: message.body, variables: variablesOf(message, tailed) }))
    }
  }

  async #runOnce(input: EventInput): Promise<void> {
    const { run, interrupted, listener } = this.#options
    const timer = setTimeout(() => {
      if (this.#turns.length > 0) listener.stuck()
    }, longRun).unref()
    const end = await run(input, interrupted)
    clearTimeout(timer)
    if (end.code !== 0 && interrupted.aborted) this.#left++
    else this.#count(end)
    this.#passOn()
  }

  #count(end: RunEnd): void {
    this.#done++
    if (end.code === 0) return
    this.#failed++
    this.#lastFailure = end
    this.#options.listener.failed(end, this.#failed)
  }

  /** Gives the place of a run that has ended to the next one. */
  #passOn(): void {
    const next = this.#turns.shift()
    if (next) next()
    else this.#running--
  }

  #remember(work: Promise<void>): void {
    this.#open.add(work)
    void work.then(() => this.#open.delete(work))
  }
}
