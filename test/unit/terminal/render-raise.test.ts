import { expect, test } from 'vitest'
import type { RaiseReport } from '../../../src/lib/services/raise.ts'
import { raiseDocument, renderRaise } from '../../../src/lib/terminal/render-raise.ts'
import { styleFor } from '../../../src/lib/terminal/style.ts'

const plain = await styleFor({}, {})
const report: RaiseReport = {
  event: 'E_X',
  payload: '{}',
  bytes: 2,
  results: [
    { socket: 'rabbitmq:guest@h:5672/a', outcome: { status: 'confirmed' }, ms: 1.5 },
    {
      socket: 'rabbitmq:guest@h:5672/b',
      outcome: {
        status: 'unroutable',
        code: 'unroutable',
        reason: 'No \u001bqueue.',
        hint: 'Make \u009bone.',
      },
      ms: 2,
    },
    {
      socket: 'rabbitmq:guest@h:5672/c',
      outcome: { status: 'rejected', code: 'rejected', reason: 'Full.' },
      ms: 3,
    },
  ],
  delivered: 1,
  failed: 2,
  exit: 3,
}

test('each subscriber has a line, with the reason and the remedy below where it failed', () => {
  expect(renderRaise(report, plain)).toBe(
    [
      '✔ rabbitmq:guest@h:5672/a  confirmed  1.5 ms',
      '✖ rabbitmq:guest@h:5672/b  unroutable  2 ms',
      '  No \\x1bqueue.',
      '  Make \\x9bone.',
      '✖ rabbitmq:guest@h:5672/c  rejected  3 ms',
      '  Full.',
      '',
    ].join('\n'),
  )
})

test('the document has the same, its members in the order of the SPEC', () => {
  const document = raiseDocument(report)
  expect(Object.keys(document)).toEqual(['event', 'payload', 'bytes', 'results', 'delivered', 'failed'])
  expect(document).toMatchObject({
    results: [
      { socket: 'rabbitmq:guest@h:5672/a', status: 'confirmed', ms: 1.5, reason: null, hint: null },
      { status: 'unroutable', reason: 'No \u001bqueue.', hint: 'Make \u009bone.' },
      { status: 'rejected', reason: 'Full.', hint: null },
    ],
    delivered: 1,
    failed: 2,
  })
})
