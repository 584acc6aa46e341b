import type { AskingListener } from '#lib/services/opensips/asking.ts'
import type { WaitingLine } from '#lib/terminal/waiting-line.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { type Progress, startProgress } from '#lib/views/raise-stream/progress-bar.ts'

/** Fewer are asked for before a person would read it. */
const fewest = 300

/** Shows on stderr, a terminal, for how many subscribers OpenSIPS was asked. */
export class AskingProgress implements AskingListener {
  readonly #waiting: WaitingLine
  #progress: Progress | undefined
  #done = 0

  /** @param waiting says that OpenSIPS is waited for, until the progress does */
  constructor(waiting: WaitingLine) {
    this.#waiting = waiting
  }

  async onStart(total: number): Promise<void> {
    if (total < fewest || !process.stderr.isTTY) return
    this.#waiting.stop()
    const done = () => this.#done
    this.#progress = await startProgress({
      counts: {
        get done() {
          return done()
        },
        failed: 0,
      },
      doneAs: `of ${count(total)} subscribers asked for`,
      share: () => done() / total,
    })
  }

  onDone(): void {
    this.#done++
  }

  onEnd(): void {
    this.#progress?.stop()
    this.#progress = undefined
  }
}
