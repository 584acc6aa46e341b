import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { LineFailure, ReportedLine } from '#lib/services/raise-stream/stream-listener.ts'
import type { Style } from '#lib/terminal/style.ts'
import { many, sortOfFailure } from '#lib/views/alike.ts'
import { type AlikeLines, renderAlike, renderLine, renderMany, statusOfLine } from './render-stream.ts'

/** Of each kind of failure so many lines are shown one by one, more of those with a reason of their own each. */
const shownOneByOne = { alike: 1, distinct: 20 }
/** Milliseconds between messages about the others: twice as long each time, as a stream may fail alike for hours. */
const pauses = { shortest: 1000, longest: 60_000 }

type FailedLine = LineFailure & { readonly socket: Socket }
type FailedLines = readonly [FailedLine, ...FailedLine[]]

/** Failures that are alike. */
interface Kind {
  readonly result: LineFailure
  shown: number
  alike: AlikeLines | undefined
}

/** Shows the lines that failed as text: those that fail alike together, and subscribers that do as a number. */
export class LineFailures {
  readonly #style: Style
  readonly #say: (text: string) => void
  readonly #reasons: ReadonlySet<string>
  /** What to do, as it was said. */
  readonly #hints = new Set<string>()
  readonly #kinds = new Map<string, Kind>()
  /** The subscribers that were shown one by one, for each sort of failure. */
  readonly #shown = new Map<string, Set<string>>()
  #timer: NodeJS.Timeout | undefined
  #pause = pauses.shortest

  /** @param reasons that were said before, and are not said again */
  constructor(style: Style, say: (text: string) => void, reasons: ReadonlySet<string> = new Set()) {
    this.#style = style
    this.#say = say
    this.#reasons = reasons
  }

  show(line: ReportedLine): void {
    for (const result of line.results)
      if (!hasSocket(result)) this.#showOne(line, result, this.#sortOfLine(result))
    for (const [sort, results] of Map.groupBy(line.results.filter(hasSocket), sortOfFailure)) {
      const one =
        results.length < many
          ? results.filter((result) => this.#isShownAlone(sort, printSocket(result.socket)))
          : []
      for (const result of one) this.#showOne(line, result, `${sort} ${printSocket(result.socket)}`)
      this.#showMany(
        line,
        sort,
        one.length === 0 ? results : results.filter((result) => !one.includes(result)),
      )
    }
  }

  /** Shows what was not shown yet, for the last time. */
  finish(): void {
    clearTimeout(this.#timer)
    this.#showAlike()
  }

  /** Each event without a subscriber is a sort of its own, up to many. */
  #sortOfLine(result: LineFailure): string {
    const status = statusOfLine(result)
    const { message } = result.failure
    return status === 'no-subscriber' && this.#isShownAlone(status, message) ? `${status} ${message}` : status
  }

  /** The first few subscribers, or events, of a sort are. */
  #isShownAlone(sort: string, name: string): boolean {
    let shown = this.#shown.get(sort)
    if (!shown) {
      shown = new Set()
      this.#shown.set(sort, shown)
    }
    if (shown.size < many) shown.add(name)
    return shown.has(name)
  }

  #showOne(line: ReportedLine, result: LineFailure, key: string): void {
    const { socket } = result
    const kind = this.#kindOf(key, result)
    const isAlike =
      socket !== undefined || /^(?:interrupted|no-subscriber|skipped)$/.test(statusOfLine(result))
    const most = isAlike ? shownOneByOne.alike : shownOneByOne.distinct
    if (++kind.shown <= most) this.#say(renderLine(line, this.#unsaid(result), this.#style))
    else this.#showLater(kind, line.number, undefined)
  }

  #showMany(line: ReportedLine, sort: string, results: readonly FailedLine[]): void {
    const [first, ...others] = results
    if (!first) return
    const kind = this.#kindOf(sort, first)
    if (++kind.shown > 1) this.#showLater(kind, line.number, results.length)
    else if (others.length === 0) this.#say(renderLine(line, this.#unsaid(first), this.#style))
    else this.#say(renderMany(line, this.#unsaidOfMany([first, ...others]), this.#style))
  }

  #unsaid<Result extends LineFailure>(result: Result): Result {
    return this.#withoutHint(this.#withoutReason(result))
  }

  #unsaidOfMany(results: FailedLines): FailedLines {
    const [first, ...others] = results
    const unsaid: FailedLines = [
      this.#withoutReason(first),
      ...others.map((result) => this.#withoutReason(result)),
    ]
    const areSame = unsaid.every(({ failure }) => failure.message === unsaid[0].failure.message)
    // Else the first one stands for all.
    const [shown, ...rest] = areSame ? unsaid : results
    return [this.#withoutHint(shown), ...rest]
  }

  /** The same where its reason was said; behind that may stand what is so for the message. */
  #withoutReason<Result extends LineFailure>(result: Result): Result {
    const { message } = result.failure
    for (const reason of this.#reasons) {
      if (message === reason || message.startsWith(`${reason} `))
        return { ...result, failure: { ...result.failure, message: message.slice(reason.length + 1) } }
    }
    return result
  }

  /** The same where another line has what to do about it. */
  #withoutHint<Result extends LineFailure>(result: Result): Result {
    const { hint } = result.failure
    if (hint === undefined) return result
    if (this.#hints.has(hint)) return { ...result, failure: { ...result.failure, hint: undefined } }
    this.#hints.add(hint)
    return result
  }

  #kindOf(key: string, result: LineFailure): Kind {
    let kind = this.#kinds.get(key)
    if (!kind) {
      kind = { result, shown: 0, alike: undefined }
      this.#kinds.set(key, kind)
    }
    return kind
  }

  #showLater(kind: Kind, line: number, subscribers: number | undefined): void {
    const { first, last, count, subscribers: most } = kind.alike ?? { first: line, last: line, count: 0 }
    kind.alike = {
      first: Math.min(first, line),
      last: Math.max(last, line),
      count: count + 1,
      subscribers: subscribers && Math.max(subscribers, most ?? 0),
    }
    if (this.#timer) return
    this.#timer = setTimeout(() => this.#showAlike(), this.#pause).unref()
    this.#pause = Math.min(this.#pause * 2, pauses.longest)
  }

  #showAlike(): void {
    this.#timer = undefined
    for (const kind of this.#kinds.values()) {
      if (kind.alike) this.#say(renderAlike(kind.alike, kind.result, this.#style))
      kind.alike = undefined
    }
  }
}

function hasSocket(result: LineFailure): result is FailedLine {
  return result.socket !== undefined
}
