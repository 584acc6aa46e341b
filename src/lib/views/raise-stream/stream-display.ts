import { printSocket } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'
import type { FailedFile } from '#lib/files/failed-lines-file.ts'
import type {
  LineFailure,
  StreamCounts,
  StreamListener,
  StreamReport,
  UndeliveredLine,
} from '#lib/services/raise-stream/stream-listener.ts'
import { outliveReaders, outputSettled } from '#lib/terminal/output.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleJson, visibleLine } from '#lib/text/escape-controls.ts'
import type { Progress, ProgressOptions } from '#lib/views/raise-stream/progress-bar.ts'
import {
  type AlikeLines,
  renderAlike,
  renderStreamReport,
  renderUndelivered,
  streamDocument,
  undeliveredDocument,
} from './render-stream.ts'

export interface StreamDisplayOptions {
  /** For what is said on stderr. */
  readonly style: Style
  /** Documents on stdout instead of words about lines. */
  readonly json: boolean
  readonly failed: FailedFile | undefined
  readonly startProgress: ((counts: ProgressOptions['counts']) => Promise<Progress>) | undefined
}

/** Of each kind of failure so many lines are told one by one, more of those that have each a reason of its own. */
const toldOneByOne = { alike: 1, distinct: 20 }
/** Milliseconds between words about the others. */
const pause = 1000

/** Tells of a stream while it runs, and keeps the lines that somebody did not get. */
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

  undelivered(line: UndeliveredLine): void {
    const { json, failed } = this.#options
    if (line.bytes) failed?.keep(line.bytes)
    if (failed?.failure) this.#stop.abort()
    if (json) this.#write(undeliveredDocument(line))
    else this.#tell(line)
  }

  #tell(line: UndeliveredLine): void {
    for (const result of line.results) {
      const kind = this.#kindOf(result)
      const isAlike = result.socket !== undefined || result.failure.status === 'interrupted'
      const most = isAlike ? toldOneByOne.alike : toldOneByOne.distinct
      if (++kind.told <= most) this.#say(renderUndelivered(line, result, this.#options.style))
      else this.#tellLater(kind, line.number)
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

  /** Sums the stream up. @throws EviError `cannot-write` when a line could not be kept, or told */
  async finish(report: StreamReport): Promise<void> {
    const { json, failed, style } = this.#options
    const ms = performance.now() - this.#start
    clearTimeout(this.#timer)
    this.#tellAlike()
    ;(await this.#progress)?.stop()
    this.#progress = undefined
    failed?.close()
    if (json) this.#write(streamDocument(report, ms))
    else this.#say(renderStreamReport(report, ms, style))
    await outputSettled()
    const unwritable = failed?.failure ?? this.#unwritable
    if (unwritable) throw unwritable
  }

  #kindOf(result: LineFailure): Kind {
    const { socket, failure } = result
    const key = socket ? `${failure.status} ${printSocket(socket)}` : failure.status
    let kind = this.#kinds.get(key)
    if (!kind) {
      kind = { result, told: 0, alike: undefined }
      this.#kinds.set(key, kind)
    }
    return kind
  }

  #tellLater(kind: Kind, line: number): void {
    const { first, last, count } = kind.alike ?? { first: line, last: line, count: 0 }
    kind.alike = { first: Math.min(first, line), last: Math.max(last, line), count: count + 1 }
    this.#timer ??= setTimeout(() => this.#tellAlike(), pause).unref()
  }

  #tellAlike(): void {
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
  told: number
  alike: AlikeLines | undefined
}
