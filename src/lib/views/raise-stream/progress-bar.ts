import { allowDrawing } from '#lib/terminal/escape-guard.ts'
import { marksFor } from '#lib/terminal/marks.ts'
import { count } from '#lib/text/numbers/thousands.ts'

export interface Progress {
  /** Writes a line above the progress. */
  say(text: string): void
  stop(): void
}

/** What a progress shows; the numbers go on changing. */
export interface ProgressCounts {
  readonly done: number
  readonly failed: number
}

export interface ProgressOptions {
  readonly counts: ProgressCounts
  /** What is said of those that are done, such as `confirmed`. */
  readonly doneAs: string
  /** How much of the input was read, from 0 to 1; undefined where its length is not known. */
  readonly share: () => number | undefined
}

/** Shows on stderr, a terminal, how far a stream is: a bar and the time left where the input's length is known. */
export async function startProgress({ counts, doneAs, share }: ProgressOptions): Promise<Progress> {
  const { default: cliProgress } = await import('cli-progress')
  allowDrawing()
  const start = performance.now()
  const { cells, empty } = marksFor(process.env)
  const bars = new cliProgress.MultiBar({
    stream: process.stderr,
    clearOnComplete: true,
    // What it would do at Ctrl-C is evi's to decide.
    gracefulExit: false,
    linewrap: true,
    forceRedraw: true,
    etaBuffer: 50,
    format: (options, { progress, eta }) => {
      const seconds = Math.max((performance.now() - start) / 1000, 0.001)
      const words = [
        `${count(counts.done)} ${doneAs}`,
        `${count(Math.round((counts.done + counts.failed) / seconds))}/s`,
        ...(counts.failed > 0 ? [`${count(counts.failed)} failed`] : []),
      ]
      if (share() === undefined) return words.join(', ')
      const left = Number.isFinite(eta) ? [`${cliProgress.Format.TimeFormat(eta, options, 1)} left`] : []
      const bar = cliProgress.Format.BarFormat(progress, { ...options, barsize: 24 })
      return `${bar} ${Math.floor(progress * 100)} %  ${[...words, ...left].join(', ')}`
    },
    barCompleteChar: cells.at(-1),
    barIncompleteChar: empty,
    emptyOnZero: true,
  })
  const whole = 10_000
  const bar = bars.create(whole, 0)
  bars.on('redraw-pre', () => bar.update(Math.floor((share() ?? 0) * whole)))
  return {
    say: (text) => bars.log(text),
    stop: () => {
      // What was logged since the last drawing would be lost.
      bars.update()
      bars.stop()
    },
  }
}
