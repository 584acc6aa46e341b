/** Starts COMMAND and resolves with its exit code; the signal stops it. */
export type StartCommand = (signal: AbortSignal) => Promise<number>

/** Milliseconds without an event after which, once COMMAND has ended, no more is expected. */
const quiet = 1000
/** Milliseconds without an event after which, once COMMAND has ended, the rest of --count is not expected any more. */
const grace = 10_000

export interface CommandRunOptions {
  readonly start: StartCommand
  /** More events are expected once COMMAND has ended well, for as long as --timeout says where it is given. */
  readonly expects: 'count' | 'count-in-time' | 'nothing'
  /** Called when no more events are expected. */
  readonly onQuiet: () => void
}

/** COMMAND beside a tail: started once all is watched, and waited for at the end. */
export class CommandRun {
  readonly #options: CommandRunOptions
  readonly #stop = new AbortController()
  #run: Promise<number> | undefined
  #timer: NodeJS.Timeout | undefined
  /** What the session still waits for after COMMAND has ended. */
  #waitsFor: 'quiet' | 'grace' | 'timeout' | undefined

  constructor(options: CommandRunOptions) {
    this.#options = options
  }

  start(): void {
    this.#run = this.#options.start(this.#stop.signal)
    this.#run.then(
      (code) => this.#onEnd(code),
      () => this.#options.onQuiet(),
    )
  }

  /** An event came. */
  onEvent(): void {
    this.#timer?.refresh()
  }

  stop(): void {
    this.#stop.abort()
  }

  /** The exit code, once it has ended; 0 where it was never started. @throws EviError `usage` where it cannot be run */
  async ended(): Promise<number> {
    const code = await (this.#run ?? 0)
    clearTimeout(this.#timer)
    return code
  }

  #onEnd(code: number): void {
    const { expects, onQuiet } = this.#options
    this.#waitsFor = code !== 0 || expects === 'nothing' ? 'quiet' : expects === 'count' ? 'grace' : 'timeout'
    if (this.#waitsFor === 'timeout') return
    this.#timer = setTimeout(onQuiet, this.#waitsFor === 'quiet' ? quiet : grace)
  }
}
