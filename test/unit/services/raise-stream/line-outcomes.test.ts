import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { LineOutcomes } from '#lib/services/raise-stream/line-outcomes.ts'
import type { StreamListener } from '#lib/services/raise-stream/stream-listener.ts'
import { StreamPermissions } from '#lib/services/raise-stream/stream-permissions.ts'

const listener: StreamListener = {
  started: () => {},
  failed: () => {},
  uncertain: () => {},
  lost: () => {},
  back: () => {},
  blocked: () => {},
}

test('a line to four subscribers counts as one line and four deliveries, sent again or not', () => {
  const permissions = new StreamPermissions({ subscribers: () => [], used: new Map() })
  const outcomes = new LineOutcomes({ confirm: true, listener, permissions })
  const sockets = ['a', 'b', 'c', 'd'].map((queue) => parseSocket(`rabbitmq:h/${queue}`))
  const body = Buffer.from('{}')
  const input = { number: 1, bytes: body }
  const line = { body, input, event: 'E_X', missing: 4, results: undefined, resentTo: undefined }
  // The second connection is lost, too, for some of them.
  for (const socket of [...sockets.slice(0, 3), ...sockets.slice(0, 2)]) outcomes.resending(line, socket)
  for (const [index, socket] of sockets.entries())
    outcomes.settle(
      line,
      socket,
      index === 3 ? { code: 'unroutable', message: 'No queue.' } : { status: 'confirmed' },
    )
  expect(outcomes.counts).toMatchObject({
    confirmed: 0,
    failed: 1,
    resent: 1,
    deliveries: { sent: 0, confirmed: 3, failed: 1, resent: 3 },
  })
})
