import { type Host, printAddress, printAnswered, printSocket } from '#lib/domain/socket/socket.ts'
import type { BenchReport, BenchRequest } from '#lib/services/bench/bench.ts'
import type { Bucket, Histogram } from '#lib/services/bench/histogram.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { renderTable } from '#lib/text/layout/table.ts'
import { count } from '#lib/text/numbers/thousands.ts'

/** What was asked for. */
export type BenchLoad = Pick<BenchRequest, 'socket' | 'queue' | 'body' | 'window' | 'rate'>

/** Where the events go, and so what the numbers are about. */
export function renderBenchStart({ socket, queue, body }: BenchLoad, host: Host, style: Style): string {
  const events = `Publishing events of ${count(body.length)} bytes`
  const place = style.strong(printAnswered(socket, host))
  if (queue === 'existing') return `${events} to ${place}, where its consumers get them.\n`
  const disk = socket.persistent
    ? '"persistent" costs nothing there, as such a queue is never on disk.\n'
    : ''
  return (
    `${events} by way of ${place} to a queue of its own, gone afterwards:\n` +
    `what the broker and the way to it can carry, not your queue's own settings.\n${disk}`
  )
}

/** The numbers, within 80 columns. */
export function renderBench({ body }: BenchLoad, report: BenchReport, style: Style): string {
  const { latency, seconds, confirmed, returned, rejected, warmUp } = report
  const unanswered = unansweredOf(report)
  const events = [
    `${count(confirmed)} confirmed`,
    `${count(returned)} returned`,
    `${count(rejected)} rejected`,
    ...(unanswered > 0 ? [`${count(unanswered)} without an answer`] : []),
  ]
  const counted = ['events', events.join(', ')]
  const why = confirmed > 0 ? ', as it ended in the warm-up' : ''
  if (latency.count === 0) return renderTable([counted, ['measured', `nothing${why}`]])
  const { eventsPerSecond, bytesPerSecond } = speedOf(body, report)
  const numbers = renderTable([
    ['rate', `${style.strong(`${figure(eventsPerSecond)} events/s`)}, ${figure(bytesPerSecond / 1e6)} MB/s`],
    ['confirms', percentilesOf(latency, style)],
    counted,
    ['measured', `${count(latency.count)} in ${figure(seconds)} s, after ${count(warmUp)} to warm up`],
  ])
  return `${numbers}\n${renderHistogram(latency, style)}`
}

/** What else there is to know of the numbers, and why they are not what was asked for. */
export function renderBenchEnd({ body, window, rate }: BenchLoad, report: BenchReport, style: Style): string {
  const { failure, latency } = report
  const { eventsPerSecond } = speedOf(body, report)
  const notes: string[] = []
  if (rate === undefined && window > 1 && latency.count > 0) {
    const wait = `${count(window)} in flight at ${figure(eventsPerSecond)}/s`
    notes.push(`At full speed the confirms show the window: ${wait}. The latency under a load: --rate N\n`)
  } else if (rate !== undefined && !failure && eventsPerSecond < rate * tolerance) {
    notes.push(`${style.marks.warning} The rate of ${figure(rate)}/s was not reached.\n`)
  }
  if (failure) {
    const hint = failure.hint ? `${visibleBlock(failure.hint, '  ')}\n` : ''
    notes.push(`${style.marks.failed} ${visibleLine(failure.message)}\n${hint}`)
  }
  return notes.join('')
}

/** Less of the rate that was asked for is worth a word. */
const tolerance = 0.95

/** The report as JSON. */
export function benchDocument({ socket, queue, body, window, rate }: BenchLoad, report: BenchReport): object {
  const { host, latency, seconds, failure, exit } = report
  const { eventsPerSecond, bytesPerSecond } = speedOf(body, report)
  const { published, confirmed, returned, rejected, warmUp } = report
  return {
    socket: printSocket(socket),
    host: printAddress(host),
    queue,
    size: body.length,
    window,
    rate: rate ?? null,
    seconds: rounded(seconds),
    events: published,
    warmUp,
    eventsPerSecond: rounded(eventsPerSecond),
    bytesPerSecond: Math.round(bytesPerSecond),
    latencyMs: latency.count === 0 ? null : latencyDocument(latency),
    confirmed,
    returned,
    rejected,
    unanswered: unansweredOf(report),
    histogram: latency
      .buckets(Number.POSITIVE_INFINITY)
      .filter((bucket) => bucket.count > 0)
      .map(({ from, to, count }) => ({ fromMs: rounded(from), toMs: rounded(to), count })),
    error: failure
      ? { code: failure.code, exit, message: failure.message, hint: failure.hint ?? null }
      : null,
  }
}

function latencyDocument(latency: Histogram): object {
  return {
    min: rounded(latency.min),
    mean: rounded(latency.mean),
    p50: rounded(latency.percentile(50)),
    p90: rounded(latency.percentile(90)),
    p99: rounded(latency.percentile(99)),
    p999: rounded(latency.percentile(99.9)),
    max: rounded(latency.max),
  }
}

function percentilesOf(latency: Histogram, style: Style): string {
  const percentiles = [50, 90, 99, 99.9].map(
    (percent) => `p${percent} ${style.strong(figure(latency.percentile(percent)))}`,
  )
  return `${percentiles.join('  ')}  max ${style.strong(figure(latency.max))} ms`
}

const rows = 16
const barWidth = 48

/** A line for each range of milliseconds; the slowest hundredth in another colour. */
function renderHistogram(latency: Histogram, style: Style): string {
  const buckets = latency.buckets(rows)
  const most = Math.max(...buckets.map((bucket) => bucket.count))
  const slow = latency.percentile(99)
  const labels = buckets.map(({ from }) => figure(from))
  const width = Math.max(...labels.map((label) => label.length))
  return buckets
    .map((bucket, row) => {
      const bar = barOf(bucket, { most, cells: style.marks.cells })
      const paint = bucket.from >= slow ? style.warn : style.good
      const blank = ' '.repeat(barWidth - bar.length)
      return `${labels[row]?.padStart(width)} ms  ${paint(bar)}${blank}  ${count(bucket.count).padStart(11)}\n`
    })
    .join('')
}

/** In parts of a character, where there are such; whatever is there is seen. */
function barOf(bucket: Bucket, { most, cells }: { most: number; cells: readonly string[] }): string {
  const parts = Math.round((bucket.count / most) * barWidth * cells.length)
  const shown = bucket.count === 0 ? 0 : Math.max(1, parts)
  const full = cells.at(-1) ?? ''
  return full.repeat(Math.floor(shown / cells.length)) + (cells[(shown % cells.length) - 1] ?? '')
}

function speedOf(body: Buffer, { latency, seconds }: BenchReport) {
  const eventsPerSecond = seconds > 0 ? latency.count / seconds : 0
  return { eventsPerSecond, bytesPerSecond: eventsPerSecond * body.length }
}

function unansweredOf({ published, confirmed, returned, rejected }: BenchReport): number {
  return published - confirmed - returned - rejected
}

/** Three digits, or a whole number where that has more. */
function figure(number: number): string {
  return number >= 100 ? count(Math.round(number)) : number.toPrecision(3)
}

/** To the thousandth. */
function rounded(number: number): number {
  return Math.round(number * 1000) / 1000
}
