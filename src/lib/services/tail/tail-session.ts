import { startTimer } from '#lib/async/long-timer.ts'
import { EviError } from '#lib/errors.ts'
import { CommandRun, type StartCommand } from './runs/command-run.ts'
import type { MessageFilter } from './select-events.ts'
import type { TailedMessage, TailedMessages } from './tail-request.ts'
import { Tally } from './tally.ts'

export interface SessionOptions {
  /** By default every message is wanted. */
  readonly filter?: MessageFilter | undefined
  /** Stop after so many messages that are wanted. */
  readonly count?: number | undefined
  /** Seconds to watch, from the moment the consumers are open. */
  readonly timeout?: number | undefined
  readonly interrupted: AbortSignal
  /** Runs beside, and ends the watching some time after its own end (docs/watching.md). */
  readonly startCommand?: StartCommand | undefined
}

/** Decides which messages are shown, and when enough was seen. */
export class TailSession {
  /** Aborted when the watching is to stop. */
  readonly signal: AbortSignal
  readonly tally = new Tally()
  readonly #options: SessionOptions
  readonly #enough = new AbortController()
  #shown = 0
  #ranOut = false
  #stopTimer: (() => void) | undefined
  readonly #command: CommandRun | undefined
  #endedAt: number | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.signal = AbortSignal.any([options.interrupted, this.#enough.signal])
    this.#command = this.#commandOf(options)
    this.signal.addEventListener('abort', () => {
      this.#endedAt = performance.now()
    })
  }

  /** When the watching ended, or now; on the clock of `performance.now()`. Closing the connections may take longer. */
  get watchedUntil(): number {
    return this.#endedAt ?? performance.now()
  }

  /** The consumers are open. */
  start(): void {
    const { timeout } = this.#options
    this.#command?.start()
    if (timeout === undefined) return
    this.#stopTimer = startTimer(timeout * 1000, () => {
      this.#ranOut = true
      this.stop()
    })
  }

  /** What is to be shown of the messages: none once enough was seen. A loop, as of many sockets each may be a piece of its own. */
  select(pieces: readonly TailedMessages[]): readonly TailedMessages[] {
    const selected: TailedMessages[] = []
    if (this.signal.aborted) return selected
    this.#command?.onEvent()
    for (const piece of pieces) {
      const messages = this.#selectOf(piece)
      if (messages.length > 0) selected.push(messages === piece.messages ? piece : { ...piece, messages })
      if (this.#shown === this.#options.count) {
        this.#enough.abort()
        break
      }
    }
    return selected
  }

  /** Ends the watching, and a command that still runs. */
  stop(): void {
    this.#command?.stop()
    this.#enough.abort()
  }

  /**
   * Ends what was watched or peeked at, once the command has ended.
   *
   * @returns the exit code of the command, 0 without one
   * @throws EviError `timed-out` when fewer than `count` came in time, `interrupted` when it was stopped before
   */
  async finish(): Promise<number> {
    const code = (await this.#command?.ended()) ?? 0
    this.#stopTimer?.()
    const { count, timeout, interrupted, startCommand } = this.#options
    if (this.#ranOut && startCommand && code !== 0)
      throw new EviError('timed-out', `The command had not ended within ${timeout} s, and was stopped.`)
    if (code !== 0 || count === undefined || this.#shown >= count) return code
    const came = `${this.#shown} of ${count} events came`
    if (this.#ranOut) throw new EviError('timed-out', `${came} within ${timeout} s.`)
    if (interrupted.aborted) throw new EviError('interrupted', `Interrupted: ${came}.`)
    if (startCommand)
      throw new EviError('timed-out', `${came}, and none for 10 s after the command had ended.`)
    throw new EviError('timed-out', `${this.#shown} of ${count} events were there to be seen.`)
  }

  #selectOf({ socket, messages }: TailedMessages): readonly TailedMessage[] {
    const { filter, count = Number.POSITIVE_INFINITY } = this.#options
    const room = count - this.#shown
    const { seen, shown } = filter ? selectWanted(messages, { filter, room }) : allUpTo(messages, room)
    this.tally.count(socket, { seen, shown: shown.length })
    this.#shown += shown.length
    return shown
  }

  #commandOf({ startCommand, interrupted, count, timeout }: SessionOptions): CommandRun | undefined {
    if (startCommand === undefined) return undefined
    const inTime = timeout === undefined ? 'count' : 'count-in-time'
    const command = new CommandRun({
      start: startCommand,
      expects: count === undefined ? 'nothing' : inTime,
      onQuiet: () => this.#enough.abort(),
    })
    interrupted.addEventListener('abort', () => command.stop())
    return command
  }
}

interface Selected {
  /** Those that were looked at. */
  readonly seen: number
  readonly shown: readonly TailedMessage[]
}

/** The first `room` messages; all of them without a copy. */
function allUpTo(messages: readonly TailedMessage[], room: number): Selected {
  const shown = messages.length <= room ? messages : messages.slice(0, room)
  return { seen: shown.length, shown }
}

/** The first `room` messages that are wanted, and how many were looked at for them. */
function selectWanted(
  messages: readonly TailedMessage[],
  { filter, room }: { readonly filter: MessageFilter; readonly room: number },
): Selected {
  const shown: TailedMessage[] = []
  for (const [index, message] of messages.entries()) {
    if (filter(message) && shown.push(message) === room) return { seen: index + 1, shown }
  }
  return { seen: messages.length, shown }
}
