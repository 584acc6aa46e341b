import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { Rejections } from '#lib/services/raise-stream/publishing/rejections.ts'

const rejected = { code: 'rejected', message: 'RabbitMQ rejected the message (nack).' } as const
const sockets = Array.from({ length: 2000 }, (_, at) => parseSocket(`rabbitmq:h/q${at}`))
const message = { body: Buffer.from('{}') }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('what is rejected for thousands of sockets at once is reported once, for the first, and each message is sent again', async () => {
  const said: string[] = []
  const again = new Set<unknown>()
  const ending = new AbortController()
  const rejections = new Rejections({
    retryFor: 60_000,
    signal: ending.signal,
    listener: { lost: (reason, retryInMs) => said.push(`${reason} ${retryInMs}`) },
    again: (_, socket) => again.add(socket),
    flush() {},
    failed() {},
  })
  // At first without a wait, of which nothing is said.
  for (const socket of sockets) rejections.add(message, socket, rejected)
  await turn()
  expect(again.size).toBe(sockets.length)
  expect(said).toEqual([])
  for (const socket of sockets) rejections.add(message, socket, rejected)
  expect(said).toEqual(['rabbitmq:guest@h:5672/q0: RabbitMQ rejected the message (nack). 500'])
  ending.abort()
})
