import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import { Tally } from '#lib/services/tail/tally.ts'
import { renderSummary } from '#lib/views/tail/render-summary.ts'
import { SourceLabels } from '#lib/views/tail/source-labels.ts'

const sockets = ['rabbitmq:h/pike', 'rabbitmq:h/calls'].map(parseSocket)
const labels = new SourceLabels(sockets)
const [pike = '', calls = ''] = sockets.map(printSocket)
const nothing = { seen: 0, shown: 0, skipped: 0, lost: 0, isAway: false }

test.each([
  [nothing, 3, 'Seen in 3.0 s: no events.\n'],
  [{ ...nothing, seen: 1, shown: 1 }, 12.4, 'Seen in 12 s: 1 event.\n'],
  [
    { ...nothing, seen: 1200, shown: 1000, skipped: 200, lost: 1 },
    200,
    'Seen in 3 min 20 s: 1,200 events, 1,000 shown, 200 skipped by --where, watching interrupted once.\n',
  ],
  [{ ...nothing, lost: 2 }, 18_725, 'Seen in 5 h 12 min: no events, watching interrupted 2 times.\n'],
])('of one socket %o in %d s are one line', (tally, seconds, line) => {
  expect(
    renderSummary({ sockets: [{ socket: pike, ...tally }], losses: tally.lost }, { labels, seconds }),
  ).toBe(line)
})

test('several sockets have a line each below', () => {
  const tallies = [
    { socket: pike, ...nothing, seen: 3, shown: 1, skipped: 2 },
    { socket: calls, ...nothing },
  ]
  expect(renderSummary({ sockets: tallies, losses: 0 }, { labels, seconds: 1 })).toBe(
    'Seen in 1.0 s: 3 events, 1 shown, 2 skipped by --where.\n' +
      '  pike   3 events, 1 shown, 2 skipped by --where\n' +
      '  calls  no events\n',
  )
})

test('many sockets of which the same is to be said are one line', () => {
  const silent = Array.from({ length: 4000 }, (_, at) => ({ socket: `rabbitmq:h/${at}`, ...nothing }))
  const tallies = [...silent, { socket: pike, ...nothing, seen: 3, shown: 3 }]
  expect(renderSummary({ sockets: tallies, losses: 0 }, { labels, seconds: 1 })).toBe(
    'Seen in 1.0 s: 3 events.\n  pike           3 events\n  4,000 sockets  no events each\n',
  )
})

test('of many sockets that differ, those with the most events have a line each, and the others one', () => {
  const tallies = Array.from({ length: 1000 }, (_, at) => ({
    socket: `rabbitmq:h/${at}`,
    ...nothing,
    seen: at + 1,
    shown: at + 1,
  }))
  const lines = renderSummary({ sockets: tallies, losses: 0 }, { labels, seconds: 1 }).trimEnd().split('\n')
  expect(lines).toHaveLength(22)
  expect(lines[1]).toBe('  rabbitmq:h/980  981 events')
  expect(lines.slice(-2)).toEqual([
    '  rabbitmq:h/999  1,000 events',
    '  980 others      480,690 events in all',
  ])
})

test('a connection that was lost with many sockets is one loss', () => {
  const tally = new Tally()
  const printed = [pike, calls]
  tally.add(printed)
  tally.countLoss(printed)
  // An attempt to make it again that failed.
  tally.countLoss([])
  tally.countBack([pike, calls])
  expect(renderSummary(tally, { labels, seconds: 1 })).toBe(
    'Seen in 1.0 s: no events, watching interrupted once.\n' +
      '  pike   no events, watching interrupted once\n' +
      '  calls  no events, watching interrupted once\n',
  )
})

test('sockets whose connection was not made again are named as not watched at the end', () => {
  const away = { ...nothing, lost: 1, isAway: true }
  const one = { sockets: [{ socket: pike, ...away }], losses: 1 }
  expect(renderSummary(one, { labels, seconds: 1 })).toBe(
    'Seen in 1.0 s: no events, watching interrupted once, not watched at the end.\n',
  )
  const two = { sockets: [...one.sockets, { socket: calls, ...nothing, lost: 1 }], losses: 2 }
  expect(renderSummary(two, { labels, seconds: 1 })).toBe(
    'Seen in 1.0 s: no events, watching interrupted 2 times, 1 of 2 sockets not watched at the end.\n' +
      '  pike   no events, watching interrupted once, not watched at the end\n' +
      '  calls  no events, watching interrupted once\n',
  )
})

test('sockets that were never watched are named behind the others as not watched, until they are', () => {
  const tally = new Tally()
  tally.countAway([calls])
  tally.add([pike])
  expect(renderSummary(tally, { labels, seconds: 1 })).toBe(
    'Seen in 1.0 s: no events, 1 of 2 sockets not watched at the end.\n  pike   no events\n  calls  not watched\n',
  )
  tally.add([calls])
  expect(renderSummary(tally, { labels, seconds: 1 })).toBe(
    'Seen in 1.0 s: no events.\n  calls  no events\n  pike   no events\n',
  )
})

test('sockets that were refused at the start, which was said then, are named only beside others that are not watched', () => {
  const tally = new Tally()
  tally.countRefused([calls])
  tally.add([pike])
  expect(renderSummary(tally, { labels, seconds: 1 })).toBe('Seen in 1.0 s: no events.\n')
  tally.countLoss([pike])
  expect(renderSummary(tally, { labels, seconds: 1 })).toBe(
    'Seen in 1.0 s: no events, watching interrupted once, not watched at the end.\n' +
      '  pike   no events, watching interrupted once, not watched at the end\n' +
      '  calls  not watched\n',
  )
})
