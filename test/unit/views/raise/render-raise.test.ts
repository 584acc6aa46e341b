import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { RaiseReport, RaiseResult } from '#lib/services/raise/raise-report.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { failuresView, raiseDocument, renderRaise } from '#lib/views/raise/render-raise.ts'

const plain = styleFor({}, {})
const h = { host: 'h', port: 5672 }
const report: RaiseReport = {
  event: 'E_X',
  payload: '{}',
  bytes: 2,
  results: [
    {
      socket: parseSocket('rabbitmq:h/a'),
      host: h,
      outcome: { status: 'confirmed' },
      verified: null,
      resent: false,
      ms: 1.5,
    },
    {
      socket: parseSocket('rabbitmq:h/b'),
      host: h,
      outcome: {
        code: 'unroutable',
        message: 'No \u001bqueue.',
        hint: 'Make \u009bone.',
      },
      verified: null,
      resent: false,
      ms: 2,
    },
    {
      socket: parseSocket('rabbitmq:g,h/c'),
      host: h,
      outcome: { code: 'rejected', message: 'Full.' },
      verified: null,
      resent: false,
      ms: 3,
    },
  ],
  counts: { sent: 0, confirmed: 1, failed: 2, returned: 1, rejected: 1, unknown: 0, resent: 0 },
  exit: 3,
}

test('each subscriber has a line, in columns, with the reason and the remedy below where it failed; of several hosts the one that answered', () => {
  expect(renderRaise(report, plain)).toBe(
    [
      '✔ rabbitmq:guest@h:5672/a                    confirmed   1.5 ms',
      '✖ rabbitmq:guest@h:5672/b                    unroutable    2 ms',
      '  No \\x1bqueue.',
      '  Make \\x9bone.',
      '✖ rabbitmq:guest@g:5672,h:5672/c via h:5672  rejected      3 ms',
      '  Full.',
      '',
    ].join('\n'),
  )
})

test('the document has the same, its members in the order of the SPEC', () => {
  const document = raiseDocument(report)
  expect(Object.keys(document).slice(0, 6)).toEqual([
    'event',
    'payload',
    'bytes',
    'results',
    'delivered',
    'failed',
  ])
  expect(document).toMatchObject({
    results: [
      {
        socket: 'rabbitmq:guest@h:5672/a',
        status: 'confirmed',
        ms: 1.5,
        reason: null,
        hint: null,
        host: 'h:5672',
      },
      { status: 'unroutable', reason: 'No \u001bqueue.', hint: 'Make \u009bone.' },
      { status: 'rejected', reason: 'Full.', hint: null },
    ],
    delivered: 1,
    failed: 2,
  })
})

/** Thirty subscribers, with these instead of the confirmed ones at their places. */
function reportOfThirty(others: Readonly<Record<number, Partial<RaiseResult>>>): RaiseReport {
  const results = Array.from({ length: 30 }, (_, number) => ({
    ...(report.results[0] as RaiseResult),
    socket: parseSocket(`rabbitmq:h/q${number}`),
    ...others[number],
  }))
  const failed = results.filter(({ outcome }) => 'code' in outcome).length
  const resent = results.filter((result) => result.resent).length
  const counts = { ...report.counts, confirmed: 30 - failed, failed, returned: failed, rejected: 0, resent }
  return { ...report, results, counts }
}

const unroutable = { outcome: { code: 'unroutable', message: 'No queue.', hint: 'Make one.' } } as const
const linesOf = (text: string) => text.split('\n')

test('of many subscribers those that failed come last, and a summary behind them', () => {
  const lines = linesOf(renderRaise(reportOfThirty({ 3: unroutable }), plain))
  expect(lines.slice(0, 29).every((line) => line.startsWith('✔ '))).toBe(true)
  expect(lines.slice(29)).toEqual([
    '✖ rabbitmq:guest@h:5672/q3   unroutable  1.5 ms',
    '  No queue.',
    '  Make one.',
    '30 subscribers: 29 confirmed, 1 failed (1 returned)',
    '',
  ])
  const alike = Object.fromEntries(Array.from({ length: 10 }, (_, number) => [number * 2, unroutable]))
  expect(linesOf(renderRaise(reportOfThirty(alike), plain)).slice(20)).toEqual([
    '✖ 10 subscribers  unroutable  1.5 ms',
    '  No queue.',
    '  Make one.',
    '30 subscribers: 20 confirmed, 10 failed (10 returned)',
    '',
  ])
  expect(linesOf(renderRaise(reportOfThirty({}), plain)).at(-2)).toBe('30 subscribers: 30 confirmed')
})

test('--quiet shows only those that failed, and the summary where others were left out', () => {
  expect(linesOf(failuresView.text(reportOfThirty({ 3: unroutable }), plain))).toEqual([
    '✖ rabbitmq:guest@h:5672/q3  unroutable  1.5 ms',
    '  No queue.',
    '  Make one.',
    '30 subscribers: 29 confirmed, 1 failed (1 returned)',
    '',
  ])
  expect(linesOf(failuresView.text(report, plain))).toEqual([
    '✖ rabbitmq:guest@h:5672/b                    unroutable  2 ms',
    '  No \\x1bqueue.',
    '  Make \\x9bone.',
    '✖ rabbitmq:guest@g:5672,h:5672/c via h:5672  rejected    3 ms',
    '  Full.',
    '3 subscribers: 1 confirmed, 2 failed (1 returned, 1 rejected)',
    '',
  ])
  const [, unrouted] = report.results as readonly RaiseResult[]
  const alone = { ...report, results: [unrouted as RaiseResult] }
  expect(failuresView.text(alone, plain)).toBe(renderRaise(alone, plain))
})

test('those that the event was sent to again are marked, and the reason is said once with their number', () => {
  const resent = { resent: true }
  const lines = linesOf(renderRaise(reportOfThirty({ 1: resent, 2: resent, 3: unroutable }), plain))
  expect(lines.filter((line) => line.endsWith('ms  sent again'))).toHaveLength(2)
  expect(lines.filter((line) => line.includes('It was sent again'))).toEqual([
    '! It was sent again to 2 subscribers, as its channel was closed before the first one was answered; it may have arrived there twice.',
  ])
  expect(lines.at(-3)).toBe(lines.find((line) => line.includes('It was sent again')))
  const [first, ...others] = report.results as readonly RaiseResult[]
  const few = { ...report, results: [{ ...first, resent: true } as RaiseResult, ...others] }
  expect(linesOf(renderRaise({ ...few, counts: { ...report.counts, resent: 1 } }, plain))[1]).toMatch(
    /^ {2}It was sent again, as its channel was closed before the first one was answered/,
  )
})
