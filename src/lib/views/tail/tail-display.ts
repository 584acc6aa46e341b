import type { Socket } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'
import type { PeekedQueue, PeekListener } from '#lib/services/peek/peek.ts'
import type { Caution } from '#lib/services/tail/examine-exchange.ts'
import type { EventRuns } from '#lib/services/tail/runs/event-runs.ts'
import type {
  TailedMessages,
  TailListener,
  UnwatchedSocket,
  Watched,
} from '#lib/services/tail/tail-request.ts'
import type { TailSession } from '#lib/services/tail/tail-session.ts'
import { say, writeOut } from '#lib/terminal/output.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { AlikeRemarks } from '#lib/views/alike-remarks.ts'
import { peekedLines } from '#lib/views/peek/peeked-lines.ts'
import { alikeSockets, namedBySample } from './alike-sockets.ts'
import { BackLines } from './back-lines.ts'
import { CautionLines } from './caution-lines.ts'
import type { OpeningLine } from './opening-line.ts'
import { remarksOn } from './remarks.ts'
import type { MessagesRenderer } from './render-message.ts'
import { renderRuns } from './render-runs.ts'
import { renderSummary } from './render-summary.ts'
import { SourceColumns } from './source-columns.ts'
import type { SourceLabels } from './source-labels.ts'
import type { TerminalPace } from './terminal-pace.ts'
import { nextAttempt, unwatchedLines } from './unwatched-lines.ts'

export interface TailDisplayOptions {
  readonly session: TailSession
  readonly render: MessagesRenderer
  /** For what is said on stderr. */
  readonly style: Style
  readonly labels: SourceLabels
  /** The sockets that messages come from, printed; those that are watched are added. */
  readonly sources: readonly string[]
  /** What is asked of the sockets; by default they are watched. */
  readonly asked?: 'watched' | 'looked at'
  /** What is waited for at the start. */
  readonly opening?: OpeningLine | undefined
  /** Where a stream may be too fast to be read. */
  readonly pace?: TerminalPace | undefined
  /** What is run for each event that is shown. */
  readonly runs?: EventRuns | undefined
  /** Called once the sockets are watched, with a sentence about it. */
  readonly onWatching?: (status: string) => void
}

/** Shows what is watched: messages on stdout, the rest on stderr. */
export class TailDisplay implements TailListener, PeekListener {
  readonly #options: TailDisplayOptions
  readonly #cautions = new CautionLines((line) => this.#say(this.#options.style.faint(line)))
  readonly #columns: SourceColumns
  readonly #sourceOf = (socket: string) => this.#columns.of(socket)
  /** On the clock of `performance.now()`. */
  #watchedSince: number | undefined
  /** Of connections that failed in one moment, to be shown together. */
  #unwatched: UnwatchedSocket[] = []
  readonly #lost = new AlikeRemarks((text) => this.#write(text))
  readonly #back: BackLines

  constructor(options: TailDisplayOptions) {
    this.#options = options
    this.#back = new BackLines((line) => this.#say(line), options.style)
    this.#columns = new SourceColumns(options.labels, options.sources)
  }

  waiting(sockets: readonly Socket[]): void {
    this.#options.opening?.waitFor(sockets)
  }

  watching(watched: readonly Watched[]): void {
    const { style, session } = this.#options
    this.#cautions.flush()
    for (const remark of remarksOn(watched)) this.#say(style.faint(remark))
    for (const sockets of alikeSockets(watched.map(({ socket }) => socket)))
      this.#say(`${style.strong('Watching')} ${namedBySample(sockets)} ${style.marks.more}`)
    this.#options.onWatching?.(`Watching ${watched.length} ${watched.length === 1 ? 'socket' : 'sockets'}`)
    this.#watchedSince = performance.now()
    this.#add(watched)
    session.start()
  }

  async messages(pieces: readonly TailedMessages[]): Promise<void> {
    const { session, runs } = this.#options
    const shown = session.select(pieces)
    if (shown.length === 0) return
    // Taken over at once, as the session may end while stdout is written.
    const started = runs?.take(shown)
    await this.#print(shown)
    await started
  }

  caution(caution: Caution): void {
    this.#cautions.show(caution)
  }

  unwatched(sockets: readonly UnwatchedSocket[]): void {
    const { tally } = this.#options.session
    const isRefused = ({ retryInMs }: UnwatchedSocket) =>
      this.#watchedSince === undefined && retryInMs === undefined
    tally.countRefused(sockets.filter(isRefused).map(({ socket }) => socket))
    tally.countAway(sockets.filter((one) => !isRefused(one)).map(({ socket }) => socket))
    if (this.#unwatched.length === 0) queueMicrotask(() => this.#sayUnwatched())
    this.#unwatched.push(...sockets)
  }

  joined(watched: readonly Watched[]): void {
    const { style } = this.#options
    this.#add(watched)
    this.#cautions.flush()
    for (const remark of remarksOn(watched)) this.#say(style.faint(remark))
    for (const sockets of alikeSockets(watched.map(({ socket }) => socket)))
      this.#say(`${style.marks.ok} Now watching ${namedBySample(sockets)}.`)
  }

  lost(reason: EviError, retryInMs: number, sockets: readonly string[]): void {
    const { style, session } = this.#options
    session.tally.countLoss(sockets)
    const next = retryInMs > 0 ? nextAttempt(retryInMs) : ''
    this.#sayUnwatched()
    this.#lost.show(`${style.marks.failed} ${visibleLine(reason.message)}${next}`)
  }

  back(watched: readonly Watched[], gapMs: number): void {
    this.#options.session.tally.countBack(watched.map(({ requested }) => requested))
    this.#back.show(watched, gapMs)
  }

  peeked(queue: PeekedQueue): void {
    for (const line of peekedLines(queue, this.#options.style)) this.#say(line)
  }

  overflow(socket: string, limit: number): void {
    const { style } = this.#options
    this.#say(
      `${style.marks.failed} Events of ${socket} are lost: more than ${limit} wait for this watcher, and the oldest are dropped.`,
    )
  }

  /** What came in all, where something was watched, and what was run, once that has ended. */
  async summarize(): Promise<void> {
    const { session, labels, style, runs, pace } = this.#options
    const { watchedUntil } = session
    pace?.end()
    this.#back.flush()
    await runs?.ended()
    if (this.#watchedSince !== undefined) {
      const seconds = (watchedUntil - this.#watchedSince) / 1000
      this.#say(style.faint(renderSummary(session.tally, { labels, seconds }).trimEnd()))
    }
    if (runs) this.#say(style.faint(renderRuns(runs.tally)))
  }

  /** One write for all that came together. */
  async #print(shown: readonly TailedMessages[]): Promise<void> {
    const { render, pace } = this.#options
    const printed = pace ? admitted(shown, pace) : shown
    if (printed.length > 0) await writeOut(render(printed, this.#sourceOf))
  }

  #add(watched: readonly Watched[]): void {
    const sockets = watched.map(({ requested }) => requested)
    this.#options.session.tally.add(sockets)
    this.#columns.add(sockets)
  }

  #say(line: string): void {
    this.#sayUnwatched()
    this.#lost.flush()
    this.#write(`${line}\n`)
  }

  #sayUnwatched(): void {
    const { style, asked } = this.#options
    const lines = unwatchedLines(this.#unwatched.splice(0), style, asked)
    if (lines.length > 0) this.#write(`${lines.join('\n')}\n`)
  }

  #write(text: string): void {
    const { opening } = this.#options
    if (opening) opening.aside(() => say(text))
    else say(text)
  }
}

/** What can be read in the time. */
function admitted(shown: readonly TailedMessages[], pace: TerminalPace): readonly TailedMessages[] {
  return shown.flatMap((piece) => {
    const messages = piece.messages.slice(0, pace.admit(piece.messages.length))
    return messages.length > 0 ? [{ ...piece, messages }] : []
  })
}
