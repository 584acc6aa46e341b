import { EviError } from '../errors.ts'
import type { TailedMessage, TailListener } from '../services/tail.ts'
import { writeOut } from './output.ts'
import type { MessageRenderer } from './render-message.ts'
import { visibleLine } from './sanitise.ts'
import type { Style } from './style.ts'

export interface TailDisplayOptions {
  readonly render: MessageRenderer
  /** For what is said on stderr. */
  readonly style: Style
  /** Stop after so many messages. */
  readonly count: number | undefined
  /** Seconds to watch, from the moment the taps are open. */
  readonly timeout: number | undefined
  readonly interrupted: AbortSignal
}

/** Shows what is watched: messages on stdout, the rest on stderr; and decides when enough was seen. */
export class TailDisplay implements TailListener {
  /** Aborted when the watching shall stop. */
  readonly signal: AbortSignal
  readonly #options: TailDisplayOptions
  readonly #enough = new AbortController()
  #shown = 0
  #ranOut = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: TailDisplayOptions) {
    this.#options = options
    this.signal = AbortSignal.any([options.interrupted, this.#enough.signal])
  }

  watching(sockets: readonly string[], standIns: readonly string[]): void {
    const { style, timeout } = this.#options
    for (const socket of standIns) {
      this.#say(
        style.faint(`No queue takes ${socket}, so evi stands in; a consumer cannot declare it meanwhile.`),
      )
    }
    for (const socket of sockets) this.#say(`${style.strong('Watching')} ${socket} …`)
    if (timeout === undefined) return
    this.#timer = setTimeout(() => {
      this.#ranOut = true
      this.#enough.abort()
    }, timeout * 1000)
  }

  async message(message: TailedMessage): Promise<void> {
    if (this.signal.aborted) return
    this.#shown++
    const written = writeOut(this.#options.render(message))
    if (this.#shown === this.#options.count) this.#enough.abort()
    await written
  }

  lost(reason: EviError, retryInMs: number): void {
    const next = retryInMs > 0 ? ` Trying again in ${(retryInMs / 1000).toFixed(1)} s.` : ''
    this.#say(`${this.#options.style.bad('✖')} ${visibleLine(reason.message)}${next}`)
  }

  back(sockets: readonly string[], gapMs: number): void {
    const { style } = this.#options
    const gap = `events of the last ${(gapMs / 1000).toFixed(1)} s may have been missed`
    this.#say(`${style.good('✔')} Watching ${sockets.join(', ')} again; ${gap}.`)
  }

  overflow(socket: string, limit: number): void {
    const { style } = this.#options
    this.#say(
      `${style.bad('✖')} Events of ${socket} are lost: more than ${limit} wait for this watcher, and the oldest are dropped.`,
    )
  }

  /** Ends the watching in words. @throws EviError `timed-out` when fewer than `count` were seen in time */
  finish(): void {
    clearTimeout(this.#timer)
    const { count, timeout } = this.#options
    if (!this.#ranOut || count === undefined || this.#shown >= count) return
    throw new EviError('timed-out', `${this.#shown} of ${count} events came within ${timeout} s.`)
  }

  #say(line: string): void {
    process.stderr.write(`${line}\n`)
  }
}
