import { expect, test } from 'vitest'
import type { DeliveryCounts, StreamReport } from '#lib/services/raise-stream/stream-listener.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { renderAlike, renderStreamReport } from '#lib/views/raise-stream/render-stream.ts'

const none = { sent: 0, confirmed: 0, failed: 0, resent: 0 }

type Counts = Partial<Omit<StreamReport, 'deliveries'>> & { readonly deliveries: Partial<DeliveryCounts> }

/** The summary, without its time. */
function summaryOf({ deliveries, ...counts }: Counts): readonly string[] {
  const report = { ...none, read: 3, returned: 0, rejected: 0, unknown: 0, confirm: true, exit: 0, ...counts }
  const text = renderStreamReport(
    { ...report, deliveries: { ...none, ...deliveries } },
    1500,
    styleFor({}, {}),
  )
  return text.trimEnd().replace('  1.5 s, 2/s', '').split('\n')
}

test.each<[string, Counts, string]>([
  ['one subscriber', { confirmed: 3, deliveries: { confirmed: 3 } }, '✔ 3 read, 3 confirmed, 0 failed'],
  [
    'one subscriber and a bad line',
    { confirmed: 2, failed: 1, deliveries: { confirmed: 2 } },
    '✖ 3 read, 2 confirmed, 1 failed',
  ],
  [
    '5,000 subscribers',
    { confirmed: 3, deliveries: { confirmed: 15_000 } },
    '✔ 3 read, 3 confirmed, 0 failed; 15,000 of 15,000 deliveries confirmed',
  ],
  [
    'several subscribers, of which none got one',
    { failed: 3, deliveries: { failed: 36 } },
    '✖ 3 read, 0 confirmed by all subscribers, 3 failed; 0 of 36 deliveries confirmed',
  ],
  [
    '5,000 subscribers of which one fails',
    { failed: 3, rejected: 3, deliveries: { confirmed: 14_997, failed: 3 } },
    '✖ 3 read, 0 confirmed by all subscribers, 3 failed (3 rejected); 14,997 of 15,000 deliveries confirmed',
  ],
  [
    '5,000 subscribers of which one fails, without --sync',
    { confirm: false, sent: 1, failed: 2, deliveries: { sent: 14_998, failed: 2 } },
    '✖ 3 read, 1 sent to all subscribers, 2 failed; 14,998 of 15,000 deliveries sent',
  ],
  [
    'two subscribers of which one may get a message later',
    { confirmed: 2, sent: 1, unknown: 1, deliveries: { confirmed: 5, sent: 1 } },
    '! 3 read, 2 confirmed, 1 sent, 0 failed (1 unknown); 5 of 6 deliveries confirmed, 1 sent',
  ],
])('the summary of a stream to %s', (_, counts, summary) => {
  expect(summaryOf(counts)).toEqual([summary])
})

test('what was sent again is counted by line and, where it differs, by delivery', () => {
  const twice = 'sent again, unconfirmed the first time; they may have arrived twice.'
  const of = (resent: number, deliveries: number) =>
    summaryOf({ confirmed: 3, resent, deliveries: { confirmed: 12, resent: deliveries } })[1]
  expect(of(0, 0)).toBeUndefined()
  expect(of(2, 2)).toBe(`! 2 of them ${twice}`)
  expect(of(1, 4)).toBe(`! 1 of the lines (4 deliveries) ${twice}`)
})

test('lines that are not valid, after those shown one by one, are said to be so in plain words', () => {
  const failure = { code: 'data', message: 'Not JSON.' } as const
  const lines = { first: 21, last: 500, count: 480, subscribers: undefined }
  const text = renderAlike(lines, { socket: undefined, failure, fault: 'bad-line' }, styleFor({}, {}))
  expect(text).toMatch(/ lines 21 to 500: not valid, so not sent\n$/)
})

test('the summary of a stream slower than a line in two seconds has no rate', () => {
  const report = { ...none, read: 9, returned: 0, rejected: 0, unknown: 0, confirm: true, exit: 0 }
  const text = renderStreamReport(
    { ...report, confirmed: 9, deliveries: { ...none, confirmed: 9 } },
    28_000,
    styleFor({}, {}),
  )
  expect(text).toBe('✔ 9 read, 9 confirmed, 0 failed  28.0 s\n')
})
