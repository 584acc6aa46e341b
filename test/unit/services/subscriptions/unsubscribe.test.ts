import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { type Target, unsubscribe } from '#lib/services/subscriptions/unsubscribe.ts'
import { MemoryStore } from './memory-store.ts'

const now = new Date('2026-11-23T11:00:00Z')
const stored = (event: string, socket: string, expire: number | null = null): Subscription => ({
  event,
  socket: parseSocket(socket),
  subscribedAt: new Date('2026-11-23T10:00:00Z'),
  expire,
})
const a = stored('E_X', 'rabbitmq:alice:s3cret@h/a')
const b = stored('E_X', 'rabbitmq:h/b')
const single = stored('E_Y', 'rabbitmq:h/a')
const expired = stored('E_OLD', 'rabbitmq:h/a', 60)
const to = (socket: string): Target => ({ socket: parseSocket(socket) })

test.each<[string, string, Target, Subscription[], Subscription[]]>([
  ['the one of a socket', 'E_X', to('rabbitmq:alice@H:5672/persistent?a'), [a], [b, single]],
  ['the only one', 'E_Y', 'only', [single], [a, b]],
  ['all of them', 'E_X', 'all', [a, b], [single]],
])('%s goes, and no other', async (_, event, target, removed, left) => {
  const store = new MemoryStore(a, b, single)
  expect(await unsubscribe({ event, target, now }, store)).toEqual(removed)
  expect(store.subscriptions).toEqual(left)
})

test.each<[string, string, string, Target]>([
  ['no-subscriber', 'E_Z has no subscribers.', 'E_Z', 'only'],
  ['no-subscriber', 'E_Z has no subscribers.', 'E_Z', 'all'],
  ['no-subscriber', 'E_OLD has no subscribers.', 'E_OLD', 'all'],
  ['no-subscriber', 'rabbitmq:bob@h:5672/a is not subscribed to E_X.', 'E_X', to('rabbitmq:bob:pw@h/a')],
  ['usage', 'E_X has 2 subscribers.', 'E_X', 'only'],
])('%s, and nothing is written: %s', async (code, message, event, target) => {
  const store = new MemoryStore(a, b, single, expired)
  await expect(unsubscribe({ event, target, now }, store)).rejects.toMatchObject({ code, message })
  expect(store.writes).toBe(0)
})
