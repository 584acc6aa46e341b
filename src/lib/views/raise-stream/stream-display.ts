import type { EviError } from '#lib/errors.ts'
import { exitCodes } from '#lib/exit-codes.ts'
import type { FailedFile } from '#lib/files/failed-lines-file.ts'
import type {
  ReportedLine,
  StreamCounts,
  StreamListener,
  StreamReport,
} from '#lib/services/raise-stream/stream-listener.ts'
import { outliveReaders, outputSettled, say } from '#lib/terminal/output.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleJson, visibleLine } from '#lib/text/escape-controls.ts'
import { beginningOf } from '#lib/text/layout/beginning-of.ts'
import { AlikeRemarks } from '#lib/views/alike-remarks.ts'
import { LineFailures } from './line-failures.ts'
import type { Progress } from './progress-bar.ts'
import { lineDocument, renderStreamReport, streamDocument } from './render-stream.ts'

export interface StreamDisplayOptions {
  /** For what is said on stderr. */
  readonly style: Style
  /** Documents on stdout instead of text on stderr about lines. */
  readonly json: boolean
  readonly failed: FailedFile | undefined
  readonly startProgress: ((counts: Readonly<StreamCounts>) => Promise<Progress>) | undefined
}

/** Shows how a stream goes, and keeps the lines that failed. */
export class StreamDisplay implements StreamListener {
  /** Aborted when a line could not be kept. */
  readonly signal: AbortSignal
  readonly #options: StreamDisplayOptions
  readonly #stop = new AbortController()
  readonly #start = performance.now()
  #unwritable: EviError | undefined
  #progress: Promise<Progress> | undefined
  readonly #failures: LineFailures
  /** Why connections are missing, as it was said. */
  readonly #reasons = new Set<string>()
  readonly #remarks = new AlikeRemarks((text) => this.#say(text))

  constructor(options: StreamDisplayOptions) {
    this.#options = options
    const sayInOrder = (text: string) => {
      this.#remarks.catchUp()
      this.#say(text)
    }
    this.#failures = new LineFailures(options.style, sayInOrder, this.#reasons)
    this.signal = this.#stop.signal
    outliveReaders((error) => {
      this.#unwritable ??= error
      this.#stop.abort()
    })
  }

  started(counts: Readonly<StreamCounts>): void {
    this.#progress = this.#options.startProgress?.(counts)
  }

  failed(line: ReportedLine): void {
    const { failed } = this.#options
    if (line.bytes) failed?.keep(line.bytes)
    if (failed?.failure) this.#stop.abort()
    this.#report(line)
  }

  uncertain(line: ReportedLine): void {
    this.#report(line)
  }

  #report(line: ReportedLine): void {
    if (this.#options.json) this.#write(lineDocument(line))
    else this.#failures.show(line)
  }

  lost(reason: string, retryInMs: number): void {
    const { failed, more } = this.#options.style.marks
    this.#reasons.add(reason)
    this.#remarks.showFailure({
      remark: `${failed} ${visibleLine(reason)}`,
      again: `${failed} ${visibleLine(beginningOf(reason, more))}`,
      next: retryInMs > 0 ? ` Trying again in ${(retryInMs / 1000).toFixed(1)} s.` : '',
    })
  }

  back(address: string, gapMs: number, wasThere: boolean): void {
    const { style } = this.#options
    this.#reasons.clear()
    const [again, rest] = wasThere ? [' again', '; what was not confirmed is sent again.'] : ['', '.']
    this.#remarks.show(
      `${style.marks.ok} Connected to ${address}${again} after ${(gapMs / 1000).toFixed(1)} s${rest}`,
    )
  }

  blocked(address: string, reason: string | undefined): void {
    const { style } = this.#options
    this.#remarks.show(
      reason === undefined
        ? `${style.marks.ok} RabbitMQ at ${address} takes messages again.`
        : `${style.marks.warning} RabbitMQ at ${address} blocks publishers (${visibleLine(reason)}); waiting until it takes messages again.`,
    )
  }

  /**
   * Sums the stream up. The summary's exit code is the command's, unless the summary itself cannot be written.
   *
   * @throws EviError `cannot-write` when a line could not be kept, or written to stdout
   */
  async finish(report: StreamReport): Promise<void> {
    const { json, failed, style } = this.#options
    const ms = performance.now() - this.#start
    this.#remarks.flush()
    this.#failures.finish()
    ;(await this.#progress)?.stop()
    this.#progress = undefined
    failed?.close()
    await outputSettled()
    const exit = this.#failure ? exitCodes['cannot-write'] : report.exit
    if (json) this.#write(streamDocument({ ...report, exit }, ms))
    else this.#say(renderStreamReport(report, ms, style))
    await outputSettled()
    if (this.#failure) throw this.#failure
  }

  /** Why a line could not be kept, or written. */
  get #failure(): EviError | undefined {
    return this.#options.failed?.failure ?? this.#unwritable
  }

  #say(text: string): void {
    if (this.#progress) void this.#progress.then((progress) => progress.say(text))
    else say(text)
  }

  #write(document: object): void {
    process.stdout.write(`${visibleJson(JSON.stringify(document))}\n`)
  }
}
