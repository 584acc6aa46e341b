import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { withDeadline } from '#lib/async/deadline.ts'

test('an answer that came while the process stood still is in time', async () => {
  const { port1, port2 } = new MessageChannel()
  try {
    const answer = once(port1, 'message')
    await turn()
    const inTime = withDeadline(answer, 5)
    port2.postMessage('answer')
    const start = performance.now()
    while (performance.now() - start < 30);
    expect(await inTime).not.toBe('late')
  } finally {
    port1.close()
  }
})

test('an answer that does not come is late', async () => {
  expect(await withDeadline(new Promise(() => {}), 5)).toBe('late')
})
