import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { StoredPasswords, type Subscription } from '#lib/domain/subscription/subscription.ts'
import { changePassword } from '#lib/services/subscriptions/change-password.ts'
import { subscribe } from '#lib/services/subscriptions/subscribe.ts'
import { unsubscribe } from '#lib/services/subscriptions/unsubscribe.ts'
import { ConfigFile } from '#lib/storage/config-file.ts'
import { ConfSubscriptionStore } from '#lib/storage/subscription-store.ts'

const now = new Date('2026-11-23T10:00:00Z')
const subscription = (event: string, socket: string, expire: number | null = null): Subscription => ({
  event,
  socket: parseSocket(socket),
  subscribedAt: now,
  expire,
})
/** More than a file may have to be parsed as a whole; some with what a line must not be misread by. */
const many = Array.from({ length: 2000 }, (_, index) =>
  subscription(`E_${index}`, `rabbitmq:alice:secret${index}@h/queue.${index}`),
)
const odd = [
  subscription('E_"\\', 'rabbitmq:alice:odd@h/persistent?a?b'),
  subscription('E_ü🛰', 'rabbitmq:alice:","expire":null}@h/%22,%22expire%22:null}'),
  subscription('E_ENDING', 'rabbitmq:alice:soon@h/ending', 60),
]

let directory: string
let store: ConfSubscriptionStore
const path = () => join(directory, 'subscriptions.json')
const linesOf = () => readFileSync(path(), 'utf8').split('\n')
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
  store = new ConfSubscriptionStore(directory)
  await store.update(now, () => ({ next: [...many, ...odd], result: undefined }))
})
afterEach(() => rmSync(directory, { recursive: true }))

const plain = ({ event, socket, subscribedAt, expire }: Subscription) => ({
  event,
  socket,
  subscribedAt,
  expire,
})

describe('a store of many subscriptions', () => {
  test('gives back what was put in, at once and one by one', () => {
    expect(store.live(now).map(plain)).toEqual([...many, ...odd])
    expect([...store.eachLive(now)].map(plain)).toEqual([...many, ...odd])
  })

  test('leaves out what is expired, and removes it with the next write', async () => {
    const later = new Date(now.getTime() + 61_000)
    expect(store.live(later)).toHaveLength(many.length + 2)
    await subscribe({ ...subscription('E_NEW', 'rabbitmq:h/new'), now: later }, store)
    expect(store.live(now).map(({ event }) => event)).toEqual([
      ...many.map(({ event }) => event),
      odd[0]?.event,
      odd[1]?.event,
      'E_NEW',
    ])
  })

  test('writes a new subscription behind the others, whose lines stay as they are', async () => {
    const before = linesOf()
    await subscribe({ ...subscription('E_NEW', 'rabbitmq:h/new'), now }, store)
    const after = linesOf()
    expect(after.slice(1, before.length - 3)).toEqual(before.slice(1, -3))
    expect(store.live(now).map(plain).at(-1)).toEqual(subscription('E_NEW', 'rabbitmq:h/new'))
  })

  test('renews one in its place, and removes one', async () => {
    const renewed = await subscribe({ ...subscription('E_7', 'rabbitmq:alice@H/queue.7', 60), now }, store)
    expect(renewed).toMatchObject({ renewed: true, password: 'kept' })
    await unsubscribe({ event: 'E_8', target: 'only', now }, store)
    const expected = [...many, ...odd].toSpliced(7, 2, renewed.subscription)
    expect(store.live(now).map(plain)).toEqual(expected)
  })

  test.each([
    ['of the same subscriber of another event', 'rabbitmq:alice@h/queue.5', 'secret5'],
    ['whatever form its route is written in', 'rabbitmq:alice@h/a%3Fb', 'odd'],
    ['but not of another user', 'rabbitmq:bob@h/queue.5', undefined],
  ])('completes a socket by the password %s', (_, socket, password) => {
    const completed = new StoredPasswords(store.live(now)).complete(parseSocket(socket), 'E_OTHER')
    expect(completed.password).toBe(password)
  })

  test('changes a password in its place', async () => {
    const timing = { connectTimeout: 500, replyTimeout: 5000, heartbeat: 0 } as never
    const subscriptions = store.liveOf('E_9', now)
    const request = { subscriptions, password: 'new', check: false, timing }
    await changePassword(request, { broker: undefined as never, store, now })
    expect(store.live(now).map(plain)[9]).toEqual(subscription('E_9', 'rabbitmq:alice:new@h/queue.9'))
  })

  test('names the subscription that makes no sense to who asks for it, and spares all others', () => {
    const lines = linesOf()
    lines[4] = (lines[4] ?? '').replace('rabbitmq:', 'nonsense:')
    const rest = lines.slice(1).join('\n')
    writeFileSync(path(), `{"version":1,"checksum":${crc32(rest)},"subscriptions":[\n${rest}`)
    expect(store.liveOf('E_5', now)).toHaveLength(1)
    expect(() => store.live(now).map(plain)).toThrow('makes no sense at subscription 4')
  })
})

test('a file that could not be read again is not written', async () => {
  const file = new ConfigFile(directory, 'subscriptions')
  const before = readFileSync(path())
  const next = { length: 2 ** 31 } as Buffer
  await expect(file.updateBytes(() => ({ next, result: undefined }))).rejects.toMatchObject({
    code: 'cannot-write',
    message: expect.stringMatching(/larger than 2 GiB/),
  })
  expect(readFileSync(path()).equals(before)).toBe(true)
})
