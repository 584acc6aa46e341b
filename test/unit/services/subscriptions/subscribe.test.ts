import { expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { subscribe } from '#lib/services/subscriptions/subscribe.ts'
import { MemoryStore } from './memory-store.ts'

const before = new Date('2026-11-23T10:00:00Z')
const now = new Date('2026-11-23T11:00:00Z')
const stored = (event: string, socket: string, expire: number | null = null): Subscription => ({
  event,
  socket: parseSocket(socket),
  subscribedAt: before,
  expire,
})
const request = (event: string, socket: string, expire: number | null = null) => ({
  event,
  socket: parseSocket(socket),
  expire,
  now,
})
const passwords = (store: MemoryStore) => store.subscriptions.map(({ socket }) => socket.password)

test('a new subscriber is added behind the others', async () => {
  const store = new MemoryStore(stored('E_X', 'rabbitmq:h/a'))
  const { subscription, renewed } = await subscribe(request('E_X', 'rabbitmq:h/b', 60), store)
  expect(renewed).toBe(false)
  expect(subscription).toEqual({
    event: 'E_X',
    socket: parseSocket('rabbitmq:h/b'),
    subscribedAt: now,
    expire: 60,
  })
  expect(store.subscriptions).toEqual([stored('E_X', 'rabbitmq:h/a'), subscription])
})

test('the same one is renewed in its place, with new time, expiry, password and parameters', async () => {
  const others = [stored('E_Y', 'rabbitmq:u:old@h/q'), stored('E_X', 'rabbitmq:h/b')] as const
  const store = new MemoryStore(others[0], stored('E_X', 'rabbitmq:u:old@h/q', 7200), others[1])
  const { subscription, renewed } = await subscribe(
    request('E_X', 'rabbitmq:u:new@h/persistent?q', 60),
    store,
  )
  expect(renewed).toBe(true)
  expect(subscription).toMatchObject({
    subscribedAt: now,
    expire: 60,
    socket: { password: 'new', persistent: true },
  })
  expect(store.subscriptions).toEqual([others[0], subscription, others[1]])
})

test('an expired one is not renewed but made anew', async () => {
  const store = new MemoryStore(stored('E_X', 'rabbitmq:u:old@h/q', 60))
  const { renewed } = await subscribe(request('E_X', 'rabbitmq:u@h/q'), store)
  expect(renewed).toBe(false)
  expect(passwords(store)).toEqual([undefined])
})

test('a socket pasted back from the list keeps its password', async () => {
  const store = new MemoryStore(stored('E_X', 'rabbitmq:alice:s3cret@h/q'))
  await subscribe(request('E_X', 'rabbitmq:alice@h:5672/q'), store)
  expect(passwords(store)).toEqual(['s3cret'])
})

test("a socket pasted back from the list keeps its own password, whatever another event's is", async () => {
  const store = new MemoryStore(
    stored('E_Y', 'rabbitmq:alice:old@h/q'),
    stored('E_X', 'rabbitmq:alice:new@h/q'),
  )
  await subscribe(request('E_X', 'rabbitmq:alice@h:5672/q'), store)
  expect(passwords(store)).toEqual(['old', 'new'])
})
