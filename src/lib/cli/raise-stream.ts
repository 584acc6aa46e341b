import type { Broker } from '#lib/broker/broker.ts'
import { defaultRetryFor, defaultWindow, type StreamFlagValues } from '#lib/cli/flags/stream.ts'
import { whenLoopDrains } from '#lib/cli/process/drained-loop.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { withSteadyMemory } from '#lib/cli/process/young-generation.ts'
import { readParamsLine, readStreamLine, type StreamLine } from '#lib/domain/event/input-line.ts'
import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import type { Settings } from '#lib/domain/settings.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { SubscriptionStore } from '#lib/domain/subscription/subscription.ts'
import { exitCodes } from '#lib/exit-codes.ts'
import { FailedFile } from '#lib/files/failed-lines-file.ts'
import { LineReader } from '#lib/files/line-reader.ts'
import { type Repetition, repeatedNotifications } from '#lib/services/raise/repeated-notifications.ts'
import { asItComes, asRecorded, atRate, type Pace } from '#lib/services/raise-stream/pace.ts'
import { raiseStream, type StreamRequest } from '#lib/services/raise-stream/raise-stream.ts'
import { recordedDestinations } from '#lib/services/raise-stream/recorded-destination.ts'
import type { StreamCounts } from '#lib/services/raise-stream/stream-listener.ts'
import { type SocketsOf, SubscriberCache } from '#lib/services/raise-stream/subscriber-cache.ts'
import { requireSubscribers, socketsByEvent } from '#lib/services/subscriptions/select-sockets.ts'
import { say } from '#lib/terminal/output.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { type ProgressCounts, startProgress } from '#lib/views/raise-stream/progress-bar.ts'
import { StreamDisplay } from '#lib/views/raise-stream/stream-display.ts'
import { timingOf } from './context.ts'

export interface RaiseLinesRequest {
  /** The event whose params the lines are; undefined where they are whole notifications. */
  readonly event: string | undefined
  /** Raised in the place of what is read. */
  readonly repetition: Repetition | undefined
  readonly flags: StreamFlagValues
  readonly settings: Settings
  readonly properties: MessageProperties
  /** Where all events go; by default to their subscribers. */
  readonly given: readonly Socket[] | undefined
  readonly store: SubscriptionStore
  readonly broker: Broker
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * `evi raise -` and `evi raise EVENT --batch`: raises an event for each line and shows how it goes. Loaded by the
 * command for a stream only, as a single raise has no use for any of it.
 *
 * @returns the exit code
 * @throws EviError `no-subscriber`, `no-input`, `cannot-write`, `damaged`
 */
export async function raiseLines(request: RaiseLinesRequest): Promise<number> {
  const { event, repetition, flags, settings, properties, broker } = request
  const reader = repetition ? undefined : new LineReader(flags.batch ?? '-')
  const failed = flags.failed === undefined ? undefined : new FailedFile(flags.failed, reader?.file)
  const subscribers = new SubscriberCache(subscribersOf(request))
  const lead = recordedDestinations()
  const interrupted = takeInterrupts()
  const drained = whenLoopDrains()
  const confirm = settings.sync_mode === 1
  const display = new StreamDisplay({
    style: styleFor(process.stderr, request.environment),
    json: flags.json,
    failed,
    startProgress:
      process.stderr.isTTY && (flags.progress ?? !reader?.isTyped)
        ? (counts) =>
            startProgress({
              counts: progressOf(counts),
              doneAs: confirm ? 'confirmed' : 'sent',
              share: () => (repetition ? counts.read / repetition.count : reader?.share),
            })
        : undefined,
  })
  const signal = AbortSignal.any([interrupted, drained, display.signal])
  const strict = flags.strict ? new AbortController() : undefined
  const stream: StreamRequest = {
    lines: repetition
      ? repeatedNotifications(repetition, { signal, paced: flags.rate !== undefined })
      : (reader as LineReader).lines({
          limit: longestLine(settings.max_message),
          onTooLong: (piece, last) => failed?.keepPiece(piece, last),
          signal: strict ? AbortSignal.any([signal, strict.signal]) : signal,
          keepsRest: () => failed !== undefined && !display.signal.aborted,
        }),
    read:
      event === undefined || repetition
        ? warnOfCopies(readStreamLine)
        : (text) => readParamsLine(event, text),
    subscribersOf: (name, recorded) =>
      lead(subscribers.socketsOf(name), flags['as-recorded'] ? recorded : undefined),
    properties,
    confirm,
    timing: timingOf(settings),
    maxMessage: settings.max_message,
    window: flags.window ?? defaultWindow,
    retryFor: (flags['retry-for'] ?? defaultRetryFor) * 1000,
    pace: paceOf(flags),
    strict,
    signal,
    listener: display,
  }
  const report = await withSteadyMemory(() => raiseStream(stream, broker))
  const exit = drained.aborted ? exitCodes.internal : report.exit
  await display.finish({ ...report, exit })
  return exit
}

/** Says once that RabbitMQ sends copies by the headers CC and BCC, which a recorded message still has. */
function warnOfCopies(read: (text: string) => StreamLine): (text: string) => StreamLine {
  let warned = false
  return (text) => {
    const line = read(text)
    const name = ['CC', 'BCC'].find((header) => line.properties?.headers?.[header] !== undefined)
    if (name !== undefined && !warned) {
      warned = true
      say(`A recorded message has the header ${name}: RabbitMQ routes it by the keys in there, too.\n`)
    }
    return line
  }
}

function progressOf(counts: Readonly<StreamCounts>): ProgressCounts {
  return {
    get read() {
      return counts.read
    },
    get done() {
      return counts.sent + counts.confirmed
    },
    get failed() {
      return counts.failed
    },
  }
}

/** Reads who is subscribed; sockets that are given are so for every event. @throws EviError `no-subscriber`, `damaged` */
function subscribersOf({ event, given, store }: RaiseLinesRequest): () => SocketsOf {
  if (given) return () => () => given
  const live = () => (event === undefined ? store.live(new Date()) : store.liveOf(event, new Date()))
  requireSubscribers(
    live().map(({ socket }) => socket),
    event === undefined ? [] : [event],
  )
  return () => socketsByEvent(live())
}

function paceOf({ rate, speed }: StreamFlagValues): Pace {
  if (rate !== undefined) return atRate(rate)
  return speed === undefined ? asItComes : asRecorded(speed)
}

/** Bytes of the longest line that can hold a notification of the limit: recorded, each of its bytes may be six. */
function longestLine(maxMessage: number): number {
  return maxMessage === 0 ? Number.POSITIVE_INFINITY : Math.max(1024 * 1024, maxMessage * 8)
}
