import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { RaiseReport } from '#lib/services/raise/raise-report.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { raiseDocument, renderRaise } from '#lib/views/raise/render-raise.ts'

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
