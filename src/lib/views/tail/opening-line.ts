import type { Socket } from '#lib/domain/socket/socket.ts'
import type { WaitingLine } from '#lib/terminal/waiting-line.ts'
import { brokersWaitedFor } from '#lib/views/waited-for.ts'

/** Says on a terminal which brokers are waited for before anything is watched. What is said before that stands above it. */
export class OpeningLine {
  readonly #line: WaitingLine
  /** Milliseconds. */
  readonly #replyTimeout: number
  #sockets: readonly Socket[] = []

  constructor(line: WaitingLine, replyTimeout: number) {
    this.#line = line
    this.#replyTimeout = replyTimeout
  }

  /** The brokers of these sockets are waited for; of none, nothing. */
  waitFor(sockets: readonly Socket[]): void {
    const waited = this.#sockets.length > 0
    this.#sockets = sockets
    if (sockets.length === 0) this.#line.stop()
    else if (!waited) this.#start()
  }

  /** Writes something else. */
  aside(write: () => void): void {
    this.#line.stop()
    write()
    if (this.#sockets.length > 0) this.#start()
  }

  #start(): void {
    this.#line.start(() => brokersWaitedFor(this.#sockets, this.#replyTimeout))
  }
}
