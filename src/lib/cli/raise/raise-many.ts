import { timingOf } from '#lib/cli/context.ts'
import { warnOfDoubtfulNames } from '#lib/cli/doubtful-names.ts'
import { standardInput } from '#lib/cli/flags/raise.ts'
import { defaultRetryFor, defaultWindow } from '#lib/cli/flags/stream.ts'
import { whenLoopDrains } from '#lib/cli/process/drained-loop.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { withSteadyMemory } from '#lib/cli/process/young-generation.ts'
import { readParamsLine, readStreamLine, type StreamLine } from '#lib/domain/event/input-line.ts'
import { type MessageProperties, readMessageProperties } from '#lib/domain/event/message-properties.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { SubscriptionStore } from '#lib/domain/subscription/subscription.ts'
import { exitCodes } from '#lib/exit-codes.ts'
import { FailedFile } from '#lib/files/failed-lines-file.ts'
import { LineReader } from '#lib/files/line-reader.ts'
import { type Repetition, repeatedNotifications } from '#lib/services/raise/repeated-notifications.ts'
import { paceOf } from '#lib/services/raise-stream/pace.ts'
import { raiseStream, type StreamRequest } from '#lib/services/raise-stream/raise-stream.ts'
import { recordedDestinations } from '#lib/services/raise-stream/recorded-destination.ts'
import type { StreamCounts } from '#lib/services/raise-stream/stream-listener.ts'
import { SubscriberCache, type Subscribers } from '#lib/services/raise-stream/subscriber-cache.ts'
import { requireSubscribers, socketsByEvent } from '#lib/services/subscriptions/select-sockets.ts'
import { type Progress, type ProgressCounts, startProgress } from '#lib/views/raise-stream/progress-bar.ts'
import { StreamDisplay } from '#lib/views/raise-stream/stream-display.ts'
import { type RaiseInvocation, socketsGiven } from './raise-invocation.ts'

/**
 * `evi raise -`, `evi raise EVENT --batch` and `evi raise EVENT --count`: raises many events and shows how it goes. Loaded
 * by the command for these only, as a single raise has no use for any of it.
 *
 * @param options.repetition raised in the place of what is read
 * @param options.onStart called before anything is read
 * @returns the exit code
 * @throws EviError `no-subscriber`, `no-input`, `cannot-write`, `damaged`, `usage`
 */
export async function raiseMany(
  invocation: RaiseInvocation,
  { repetition, onStart }: { repetition: Repetition | undefined; onStart: () => Promise<void> },
): Promise<number> {
  const { event, err } = invocation
  if (event !== standardInput && !repetition) await warnOfDoubtfulNames({ events: [event] }, err)
  await onStart()
  const properties = readMessageProperties(invocation.flags)
  const given = await socketsGiven(invocation)
  const store = await invocation.context.subscriptions()
  return await new RaiseStream(invocation, { repetition, properties, given, store }).run()
}

interface StreamParts {
  readonly repetition: Repetition | undefined
  readonly properties: MessageProperties
  /** Where all events go; by default to their subscribers. */
  readonly given: readonly Socket[] | undefined
  readonly store: SubscriptionStore
}

class RaiseStream {
  readonly #invocation: RaiseInvocation
  readonly #parts: StreamParts
  readonly #reader: LineReader | undefined
  readonly #failed: FailedFile | undefined
  readonly #confirm: boolean

  constructor(invocation: RaiseInvocation, parts: StreamParts) {
    const { flags, settings } = invocation
    this.#invocation = invocation
    this.#parts = parts
    this.#reader = parts.repetition ? undefined : new LineReader(flags.batch ?? standardInput)
    this.#failed = flags.failed === undefined ? undefined : new FailedFile(flags.failed, this.#reader?.file)
    this.#confirm = settings.sync_mode === 1
  }

  async run(): Promise<number> {
    const { context, flags, settings } = this.#invocation
    const subscribers = new SubscriberCache(this.#subscribers())
    const lead = recordedDestinations()
    const interrupted = takeInterrupts()
    const drained = whenLoopDrains()
    const display = await this.#display()
    const signal = AbortSignal.any([interrupted, drained, display.signal])
    const strict = flags.strict ? new AbortController() : undefined
    const reading = strict ? AbortSignal.any([signal, strict.signal]) : signal
    const stream: StreamRequest = {
      lines: this.#lines(reading, display.signal),
      read: this.#lineReader(),
      subscribersOf: (name, recorded) =>
        lead(subscribers.socketsOf(name), flags['as-recorded'] ? recorded : undefined),
      subscribers: () => subscribers.all,
      properties: this.#parts.properties,
      confirm: this.#confirm,
      timing: timingOf(settings),
      maxMessage: settings.max_message,
      window: flags.window ?? defaultWindow,
      retryFor: (flags['retry-for'] ?? defaultRetryFor) * 1000,
      pace: paceOf(flags),
      strict,
      signal,
      listener: display,
    }
    const broker = await context.broker()
    const report = await withSteadyMemory(() => raiseStream(stream, broker))
    const exit = drained.aborted ? exitCodes.internal : report.exit
    await display.finish({ ...report, exit })
    return exit
  }

  /** The event whose params the lines are; undefined where they are whole notifications. */
  get #event(): string | undefined {
    const { event } = this.#invocation
    return event === standardInput ? undefined : event
  }

  /** Reads who is subscribed; sockets on the command line are so for every event. */
  #subscribers(): () => Subscribers {
    const { given, store } = this.#parts
    if (given) return () => ({ of: () => given, all: given })
    const event = this.#event
    const live = () => (event === undefined ? store.live(new Date()) : store.liveOf(event, new Date()))
    requireSubscribers(
      live().map(({ socket }) => socket),
      event === undefined ? [] : [event],
    )
    return () => {
      const subscriptions = live()
      return { of: socketsByEvent(subscriptions), all: subscriptions.map(({ socket }) => socket) }
    }
  }

  async #display(): Promise<StreamDisplay> {
    const { err, flags } = this.#invocation
    const shows = process.stderr.isTTY && (flags.progress ?? !this.#reader?.isTyped)
    return new StreamDisplay({
      style: err.style(),
      json: flags.json,
      failed: this.#failed,
      startProgress: shows ? (counts) => this.#startProgress(counts) : undefined,
    })
  }

  async #startProgress(counts: Readonly<StreamCounts>): Promise<Progress> {
    const total = this.#parts.repetition?.count
    return await startProgress({
      counts: progressOf(counts),
      doneAs: this.#confirm ? 'confirmed' : 'sent',
      share: () => {
        const read = total === undefined ? this.#reader?.share : counts.read / total
        return read === undefined ? undefined : read * answered(counts)
      },
    })
  }

  /** @param unwritable aborted when a failed line could not be kept */
  #lines(signal: AbortSignal, unwritable: AbortSignal): StreamRequest['lines'] {
    const { flags, settings } = this.#invocation
    const failed = this.#failed
    const { repetition } = this.#parts
    if (repetition) return repeatedNotifications(repetition, { signal, paced: flags.rate !== undefined })
    return (this.#reader as LineReader).lines({
      limit: longestLine(settings.max_message),
      onTooLong: (piece, last) => failed?.keepPiece(piece, last),
      signal,
      keepsRest: () => failed !== undefined && !unwritable.aborted,
    })
  }

  #lineReader(): (text: string) => StreamLine {
    const event = this.#event
    if (event !== undefined && !this.#parts.repetition) return (text) => readParamsLine(event, text)
    return warnOfCopies(readStreamLine, (sentence) => this.#invocation.err.write(`${sentence}\n`))
  }
}

/** Says once that RabbitMQ sends copies by the headers CC and BCC, which a recorded message still has. */
function warnOfCopies(
  read: (text: string) => StreamLine,
  warn: (sentence: string) => void,
): (text: string) => StreamLine {
  let warned = false
  return (text) => {
    const line = read(text)
    const name = ['CC', 'BCC'].find((header) => line.properties?.headers?.[header] !== undefined)
    if (name !== undefined && !warned) {
      warned = true
      warn(`A recorded message has the header ${name}: RabbitMQ routes it by the keys in there, too.`)
    }
    return line
  }
}

/** How much of what was read has come to its end, from 0 to 1. */
function answered({ read, sent, confirmed, failed }: Readonly<StreamCounts>): number {
  return read === 0 ? 0 : (sent + confirmed + failed) / read
}

function progressOf(counts: Readonly<StreamCounts>): ProgressCounts {
  return {
    get done() {
      return counts.sent + counts.confirmed
    },
    get failed() {
      return counts.failed
    },
  }
}

/** Bytes of the longest line that can hold a notification of the limit: recorded, each of its bytes may be six. */
function longestLine(maxMessage: number): number {
  return maxMessage === 0 ? Number.POSITIVE_INFINITY : Math.max(1024 * 1024, maxMessage * 8)
}
