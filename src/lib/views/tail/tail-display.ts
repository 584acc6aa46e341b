import { startTimer } from '#lib/async/long-timer.ts'
import { rabbitmqctl } from '#lib/domain/failure/remedies.ts'
import { EviError } from '#lib/errors.ts'
import type { Caution } from '#lib/services/tail/examine-exchange.ts'
import type { PeekedQueue, PeekListener } from '#lib/services/tail/peek.ts'
import type {
  TailedMessages,
  TailListener,
  UnwatchedSocket,
  Watched,
} from '#lib/services/tail/tail-request.ts'
import { writeOut } from '#lib/terminal/output.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import type { MessagesRenderer } from './render-message.ts'

export interface TailDisplayOptions {
  readonly render: MessagesRenderer
  /** For what is said on stderr. */
  readonly style: Style
  /** Stop after so many messages. */
  readonly count: number | undefined
  /** Seconds to watch, from the moment the consumers are open. */
  readonly timeout: number | undefined
  readonly interrupted: AbortSignal
  /** Called with the number of sockets once they are watched. */
  readonly onWatching?: (number: number) => void
}

/** Shows what is watched: messages on stdout, the rest on stderr; and decides when enough was seen. */
export class TailDisplay implements TailListener, PeekListener {
  /** Aborted when the watching is to stop. */
  readonly signal: AbortSignal
  readonly #options: TailDisplayOptions
  readonly #enough = new AbortController()
  readonly #cautions = new Set<string>()
  #shown = 0
  #ranOut = false
  #stopTimer: (() => void) | undefined

  constructor(options: TailDisplayOptions) {
    this.#options = options
    this.signal = AbortSignal.any([options.interrupted, this.#enough.signal])
  }

  watching(watched: readonly Watched[]): void {
    const { style, timeout } = this.#options
    for (const remark of remarksOn(watched)) this.#say(style.faint(remark))
    for (const { socket } of watched) this.#say(`${style.strong('Watching')} ${socket} …`)
    this.#options.onWatching?.(watched.length)
    if (timeout === undefined) return
    this.#stopTimer = startTimer(timeout * 1000, () => {
      this.#ranOut = true
      this.#enough.abort()
    })
  }

  async messages({ messages, ...tailed }: TailedMessages): Promise<void> {
    if (this.signal.aborted) return
    const { render, count = Number.POSITIVE_INFINITY } = this.#options
    const shown = messages.slice(0, count - this.#shown)
    this.#shown += shown.length
    const written = writeOut(render({ ...tailed, messages: shown }))
    if (this.#shown === count) this.#enough.abort()
    await written
  }

  caution(caution: Caution): void {
    const line = warningOf(caution)
    if (this.#cautions.has(line)) return
    this.#cautions.add(line)
    this.#say(this.#options.style.faint(line))
  }

  unwatched(sockets: readonly UnwatchedSocket[]): void {
    const { style } = this.#options
    for (const { socket, events, error, retryInMs } of sockets) {
      const names = events.length > 0 ? ` (${visibleLine(events.join(', '))})` : ''
      const next = retryInMs === undefined ? '' : nextAttempt(retryInMs)
      this.#say(`${style.bad('✖')} ${socket}${names}: ${visibleLine(error.message)}${next}`)
    }
    // Mostly the same for many.
    for (const hint of new Set(sockets.map(({ error }) => error.hint))) {
      if (hint !== undefined) this.#say(`  ${visibleBlock(hint).replaceAll('\n', '\n  ')}`)
    }
  }

  joined(watched: readonly Watched[]): void {
    const { style } = this.#options
    for (const remark of remarksOn(watched)) this.#say(style.faint(remark))
    for (const { socket } of watched) this.#say(`${style.good('✔')} Now watching ${socket}.`)
  }

  lost(reason: EviError, retryInMs: number): void {
    const next = retryInMs > 0 ? nextAttempt(retryInMs) : ''
    this.#say(`${this.#options.style.bad('✖')} ${visibleLine(reason.message)}${next}`)
  }

  back(watched: readonly Watched[], gapMs: number): void {
    const { style } = this.#options
    const gap = `events of the last ${(gapMs / 1000).toFixed(1)} s may have been missed`
    const modes = [
      [watched.filter(({ resumed }) => !resumed), gap],
      [watched.filter(({ resumed }) => resumed), 'nothing was missed'],
    ] as const
    for (const [some, mode] of modes) {
      if (some.length === 0) continue
      const sockets = some.map(({ socket }) => socket).join(', ')
      this.#say(`${style.good('✔')} Watching ${sockets} again; ${mode}.`)
    }
  }

  peeked({ socket, shown, left, consumers }: PeekedQueue): void {
    const { style } = this.#options
    if (shown === 0) {
      const theirs = consumers > 0 ? `; its consumers (${consumers}) have what there was` : ''
      this.#say(`No message is ready in the queue of ${socket}${theirs}.`)
      return
    }
    if (consumers > 0)
      this.#say(
        style.faint(
          `Events that reached its consumers (${consumers}) during the look may have overtaken these.`,
        ),
      )
    const number = left > 0 ? `the first ${shown} of ${shown + left}` : `all ${shown}`
    this.#say(`${style.good('✔')} Looked at ${number} messages of ${socket}; they are back in their places.`)
  }

  overflow(socket: string, limit: number): void {
    const { style } = this.#options
    this.#say(
      `${style.bad('✖')} Events of ${socket} are lost: more than ${limit} wait for this watcher, and the oldest are dropped.`,
    )
  }

  /**
   * Ends what was watched or peeked at.
   *
   * @throws EviError `timed-out` when fewer than `count` came in time, `interrupted` when it was stopped before
   */
  finish(): void {
    this.#stopTimer?.()
    const { count, timeout, interrupted } = this.#options
    if (count === undefined || this.#shown >= count) return
    const seen = `${this.#shown} of ${count} events came`
    if (this.#ranOut) throw new EviError('timed-out', `${seen} within ${timeout} s.`)
    if (interrupted.aborted) throw new EviError('interrupted', `Interrupted: ${seen}.`)
  }

  #say(line: string): void {
    process.stderr.write(`${line}\n`)
  }
}

function nextAttempt(retryInMs: number): string {
  return ` Trying again in ${(retryInMs / 1000).toFixed(1)} s, then ever more slowly.`
}

/** What may happen to others, and how to know. */
function warningOf(caution: Caution): string {
  switch (caution.kind) {
    case 'exchange':
      return (
        `This user cannot see the type of the exchange "${visibleLine(caution.exchange)}", nor its alternate exchange: ` +
        'evi may take messages from its consumers. To be sure: --management URL'
      )
    case 'policy':
      return 'Policies cannot be seen over AMQP: an alternate exchange set by one misses events while evi watches. To be sure: --management URL'
    case 'delayed':
      return (
        `The exchange "${visibleLine(caution.exchange)}" delays its messages, and AMQP does not show by which type it routes them: ` +
        'evi may take messages from its consumers. To be sure: --management URL'
      )
    case 'auto-delete':
      return `The exchange "${visibleLine(caution.exchange)}" is auto-delete: if no other queue is bound to it, it goes when evi ends.`
    case 'management':
      return visibleLine(caution.reason)
  }
}

function remarksOn(watched: readonly Watched[]): readonly string[] {
  return watched.map(remarkOn).filter((remark) => remark !== undefined)
}

/** What a person should know of the way a socket is watched. */
function remarkOn({ kind, socket, vhost }: Watched): string | undefined {
  switch (kind) {
    case 'copy':
      return undefined
    case 'stand-in':
      return `No queue takes ${socket}, so evi stands in: no consumer can declare it while evi watches.`
    case 'stream':
      return `The queue of ${socket} is a stream: evi reads along and takes nothing.`
    case 'firehose':
      return `Nothing of ${socket} is seen until tracing is on, which evi cannot see: ${rabbitmqctl('trace_on', vhost)}`
  }
}
