import { printSocket } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'
import { exitCodes } from '#lib/exit-codes.ts'
import type { FailedFile } from '#lib/files/failed-lines-file.ts'
import type {
  LineFailure,
  ReportedLine,
  StreamCounts,
  StreamListener,
  StreamReport,
} from '#lib/services/raise-stream/stream-listener.ts'
import { outliveReaders, outputSettled } from '#lib/terminal/output.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleJson, visibleLine } from '#lib/text/escape-controls.ts'
import type { Progress } from '#lib/views/raise-stream/progress-bar.ts'
import {
  type AlikeLines,
  lineDocument,
  renderAlike,
  renderLine,
  renderStreamReport,
  streamDocument,
} from './render-stream.ts'

export interface StreamDisplayOptions {
  /** For what is said on stderr. */
  readonly style: Style
  /** Documents on stdout instead of text on stderr about lines. */
  readonly json: boolean
  readonly failed: FailedFile | undefined
  readonly startProgress: ((counts: Readonly<StreamCounts>) => Promise<Progress>) | undefined
}

/** Of each kind of failure so many lines are shown one by one, more of those with a reason of their own each. */
const shownOneByOne = { alike: 1, distinct: 20 }
/** Milliseconds between messages about the others. */
const pause = 1000

/** Shows how a stream goes, and keeps the lines that failed. */
export class StreamDisplay implements StreamListener {
  /** Aborted when a line could not be kept. */
  readonly signal: AbortSignal
  readonly #options: StreamDisplayOptions
  readonly #stop = new AbortController()
  readonly #start = performance.now()
  #unwritable: EviError | undefined
  #progress: Promise<Progress> | undefined
  readonly #kinds = new Map<string, Kind>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: StreamDisplayOptions) {
    this.#options = options
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
    else this.#show(line)
  }

  #show(line: ReportedLine): void {
    for (const result of line.results) {
      const kind = this.#kindOf(result)
      const isAlike = result.socket !== undefined || result.failure.status === 'interrupted'
      const most = isAlike ? shownOneByOne.alike : shownOneByOne.distinct
      if (++kind.shown <= most) this.#say(renderLine(line, result, this.#options.style))
      else this.#showLater(kind, line.number)
    }
  }

  lost(reason: string, retryInMs: number): void {
    const next = retryInMs > 0 ? ` Trying again in ${(retryInMs / 1000).toFixed(1)} s.` : ''
    this.#say(`${this.#options.style.bad('✖')} ${visibleLine(reason)}${next}\n`)
  }

  back(address: string, gapMs: number): void {
    const { style } = this.#options
    this.#say(
      `${style.good('✔')} Connected to ${address} again after ${(gapMs / 1000).toFixed(1)} s; what was not confirmed is sent again.\n`,
    )
  }

  blocked(address: string, reason: string | undefined): void {
    const { style } = this.#options
    this.#say(
      reason === undefined
        ? `${style.good('✔')} RabbitMQ at ${address} takes messages again.\n`
        : `${style.warn('!')} RabbitMQ at ${address} blocks publishers (${visibleLine(reason)}); waiting until it takes messages again.\n`,
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
    clearTimeout(this.#timer)
    this.#showAlike()
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

  #kindOf(result: LineFailure): Kind {
    const { socket, failure } = result
    const key = socket ? `${failure.status} ${printSocket(socket)}` : failure.status
    let kind = this.#kinds.get(key)
    if (!kind) {
      kind = { result, shown: 0, alike: undefined }
      this.#kinds.set(key, kind)
    }
    return kind
  }

  #showLater(kind: Kind, line: number): void {
    const { first, last, count } = kind.alike ?? { first: line, last: line, count: 0 }
    kind.alike = { first: Math.min(first, line), last: Math.max(last, line), count: count + 1 }
    this.#timer ??= setTimeout(() => this.#showAlike(), pause).unref()
  }

  #showAlike(): void {
    this.#timer = undefined
    for (const kind of this.#kinds.values()) {
      if (kind.alike) this.#say(renderAlike(kind.alike, kind.result, this.#options.style))
      kind.alike = undefined
    }
  }

  #say(text: string): void {
    if (this.#progress) void this.#progress.then((progress) => progress.say(text))
    else process.stderr.write(text)
  }

  #write(document: object): void {
    process.stdout.write(`${visibleJson(JSON.stringify(document))}\n`)
  }
}

/** Failures that are alike. */
interface Kind {
  readonly result: LineFailure
  shown: number
  alike: AlikeLines | undefined
}
