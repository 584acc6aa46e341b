import type { Broker } from './broker/broker.ts'
import { timingOf } from './context.ts'
import type { MessageProperties } from './domain/message-properties.ts'
import type { Settings } from './domain/settings.ts'
import type { Socket } from './domain/socket.ts'
import { readParamsLine, readStreamLine } from './domain/stream-line.ts'
import type { SubscriptionStore } from './domain/subscription.ts'
import { Directory, type SocketsOf } from './services/stream/directory.ts'
import { asItComes, asRecorded, atRate, type Pace } from './services/stream/pace.ts'
import { raiseStream, type StreamRequest } from './services/stream/raise-stream.ts'
import { refuseNobody, socketsByEvent } from './services/subscribers.ts'
import { withSteadyMemory } from './steady-memory.ts'
import { defaultPatience, defaultWindow, type StreamFlagValues } from './stream-flags.ts'
import { FailedFile } from './terminal/failed-file.ts'
import { takeInterrupts } from './terminal/interrupt.ts'
import { LineReader } from './terminal/line-reader.ts'
import { startProgress } from './terminal/progress.ts'
import { StreamDisplay } from './terminal/stream-display.ts'
import { styleFor } from './terminal/style.ts'

export interface RaiseLinesRequest {
  /** The event whose params the lines are; undefined where they are whole notifications. */
  readonly event: string | undefined
  readonly flags: StreamFlagValues
  readonly settings: Settings
  readonly properties: MessageProperties
  /** Where all events go; to their subscribers unless given. */
  readonly given: readonly Socket[] | undefined
  readonly store: SubscriptionStore
  readonly broker: Broker
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * `evi raise -` and `evi raise EVENT --batch`: raises an event for each line and tells how it goes. Loaded by the
 * command for a stream only, as a single raise has no use for any of it.
 *
 * @returns the exit code
 * @throws EviError `no-subscriber`, `no-input`, `cannot-write`, `damaged`
 */
export async function raiseLines(request: RaiseLinesRequest): Promise<number> {
  const { event, flags, settings, properties, broker } = request
  const reader = new LineReader(flags.batch ?? '-')
  const failed = flags.failed === undefined ? undefined : new FailedFile(flags.failed, reader.file)
  const directory = new Directory(subscribersOf(request))
  const interrupted = takeInterrupts()
  const display = new StreamDisplay({
    style: await styleFor(process.stderr, request.environment),
    json: flags.json,
    failed,
    startProgress:
      process.stderr.isTTY && (flags.progress ?? !reader.isTyped)
        ? (counts) => startProgress({ counts, share: () => reader.share })
        : undefined,
  })
  const signal = AbortSignal.any([interrupted, display.signal])
  const confirm = settings.sync_mode === 1
  const stream: StreamRequest = {
    lines: reader.lines({
      limit: longestLine(settings.max_message),
      onTooLong: (piece, last) => failed?.keepPiece(piece, last),
      signal,
      keepsRest: () => failed !== undefined && !display.signal.aborted,
    }),
    read: event === undefined ? readStreamLine : (text) => readParamsLine(event, text),
    subscribersOf: (name) => directory.socketsOf(name),
    properties,
    confirm,
    timing: timingOf(settings),
    maxMessage: settings.max_message,
    window: flags.window ?? defaultWindow[confirm ? 'confirmed' : 'handled'],
    patience: (flags['retry-for'] ?? defaultPatience) * 1000,
    pace: paceOf(flags),
    strict: flags.strict,
    signal,
    listener: display,
  }
  const report = await withSteadyMemory(() => raiseStream(stream, broker))
  await display.finish(report)
  return report.exit
}

/** Reads who is subscribed; sockets that are given are so for every event. @throws EviError `no-subscriber`, `damaged` */
function subscribersOf({ event, given, store }: RaiseLinesRequest): () => SocketsOf {
  if (given) return () => () => given
  const live = () => (event === undefined ? store.live(new Date()) : store.liveOf(event, new Date()))
  refuseNobody(
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
