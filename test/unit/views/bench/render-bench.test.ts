import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { BenchReport } from '#lib/services/bench/bench.ts'
import { Histogram } from '#lib/services/bench/histogram.ts'
import { styleFor } from '#lib/terminal/style.ts'
import {
  type BenchLoad,
  benchDocument,
  renderBench,
  renderBenchEnd,
  renderBenchStart,
} from '#lib/views/bench/render-bench.ts'

const plain = styleFor({}, {})
const coloured = styleFor({ isTTY: true }, {})
const host = { host: 'h', port: 5672 }
const load: BenchLoad = {
  socket: parseSocket('rabbitmq:guest:s3cret@h/q'),
  queue: 'temporary',
  body: Buffer.alloc(150),
  window: 1000,
  rate: undefined,
}

function reportOf(latencies: readonly number[], more: Partial<BenchReport> = {}): BenchReport {
  const latency = new Histogram()
  for (const ms of latencies) latency.record(ms)
  const confirmed = latencies.length
  const counts = { published: confirmed, confirmed, returned: 0, rejected: 0, warmUp: 0 }
  return { ...counts, latency, seconds: 2, host, failure: undefined, exit: 0, ...more }
}

test('rate, percentiles, counts and a line for each range of milliseconds', () => {
  const report = reportOf([...Array(16).fill(1), ...Array(8).fill(2), 2.5], {
    published: 30,
    warmUp: 3,
    returned: 2,
  })
  expect(renderBench(load, report, plain)).toBe(
    [
      'rate      12.5 events/s, 0.00187 MB/s',
      'confirms  p50 1.01  p90 2.02  p99 2.50  p99.9 2.50  max 2.50 ms',
      'events    25 confirmed, 2 returned, 0 rejected, 3 without an answer',
      'measured  25 in 2.00 s, after 3 to warm up',
      '',
      '1.00 ms  ████████████████████████████████████████████████           16',
      ...['1.13', '1.25', '1.38', '1.50', '1.63', '1.75', '1.88'].map(
        (ms) => `${ms} ms  ${' '.repeat(48)}            0`,
      ),
      '2.00 ms  ████████████████████████                                    8',
      `2.25 ms  ${' '.repeat(48)}            0`,
      '2.50 ms  ███                                                         1',
      '',
    ].join('\n'),
  )
})

test.each([
  ['a narrow spread', Array.from({ length: 1000 }, (_, index) => 1000 + index / 10)],
  ['a wide spread', Array.from({ length: 1000 }, (_, index) => 1.03 ** (index / 2))],
  ['one that is alone, far away', [...Array(100_000).fill(0.05), 600_000]],
])('%s fits on a terminal, and whatever is there is seen', (_, latencies) => {
  const report = reportOf(latencies)
  const [, histogram = ''] = renderBench(load, report, coloured).split('\n\n')
  const lines = stripVTControlCharacters(histogram).trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(16)
  for (const line of lines) {
    expect(line.length).toBeLessThanOrEqual(79)
    expect(/[█▏▎▍▌▋▊▉]/.test(line)).toBe(!/ 0$/.test(line))
  }
})

test('where nothing was measured there are no numbers', () => {
  expect(renderBench(load, reportOf([], { published: 7 }), plain)).toBe(
    'events    0 confirmed, 0 returned, 0 rejected, 7 without an answer\nmeasured  nothing\n',
  )
  expect(renderBench(load, reportOf([], { confirmed: 7, warmUp: 7 }), plain)).toMatch(
    /nothing, as it ended in the warm-up\n$/,
  )
  expect(benchDocument(load, reportOf([]))).toMatchObject({
    eventsPerSecond: 0,
    latencyMs: null,
    histogram: [],
  })
})

test.each<[string, Partial<BenchLoad>, RegExp]>([
  ['a queue of its own', {}, /by way of rabbitmq:guest@h:5672\/q to a queue of its own, gone afterwards/],
  [
    'an existing queue',
    { queue: 'existing' },
    /to rabbitmq:guest@h:5672\/q, where its consumers get them\.\n$/,
  ],
  ['persistent messages', { socket: parseSocket('rabbitmq:h/persistent?q') }, /never|costs nothing there/],
])('it is said what is measured: %s', (_, asked, words) => {
  expect(renderBenchStart({ ...load, ...asked }, host, plain)).toMatch(words)
})

test.each<[string, Partial<BenchLoad>, Partial<BenchReport>, RegExp]>([
  ['at full speed, what the latency is made of', {}, {}, /^At full speed .* 1,000 in flight at 1.50\/s/],
  ['with a window of one, nothing', { window: 1 }, {}, /^$/],
  ['a rate that was not reached', { rate: 2 }, {}, /^! The rate of 2.00\/s was not reached\.\n$/],
  ['a rate that was reached, nothing', { rate: 1.5 }, {}, /^$/],
  [
    'why it ended, made harmless',
    { rate: 2 },
    { failure: { code: 'refused', message: 'No \u001b.', hint: 'A.\nB \u009b.' } },
    /^✖ No \\x1b\.\n {2}A\.\n {2}B \\x9b\.\n$/,
  ],
])('it is said at the end: %s', (_, asked, more, words) => {
  expect(renderBenchEnd({ ...load, ...asked }, reportOf([1, 2, 3], more), plain)).toMatch(words)
})

test('as JSON, with what was asked for and why it ended', () => {
  const failure = { code: 'unreachable', message: 'Lost.' } as const
  const report = reportOf([1, 1, 2], { published: 5, warmUp: 1, rejected: 1, failure, exit: 69 })
  expect(benchDocument(load, report)).toEqual({
    socket: 'rabbitmq:guest@h:5672/q',
    host: 'h:5672',
    queue: 'temporary',
    size: 150,
    window: 1000,
    rate: null,
    seconds: 2,
    events: 5,
    warmUp: 1,
    eventsPerSecond: 1.5,
    bytesPerSecond: 225,
    latencyMs: { min: 1, mean: 1.333, p50: 1.008, p90: 2, p99: 2, p999: 2, max: 2 },
    confirmed: 3,
    returned: 0,
    rejected: 1,
    unanswered: 1,
    histogram: [
      { fromMs: 1, toMs: 1.008, count: 2 },
      { fromMs: 2, toMs: 2.016, count: 1 },
    ],
    error: { code: 'unreachable', exit: 69, message: 'Lost.', hint: null },
  })
})
