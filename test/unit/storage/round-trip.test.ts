import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { ConfSubscriptionStore } from '#lib/storage/subscription-store.ts'
import { cases } from '../../helpers/cases.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const now = new Date('2026-11-23T10:00:00.123Z')
const base = parseSocket('rabbitmq:h/q')
const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.constantFrom('__proto__', 'a.b', 'persistent', 'exchange=x', 'a;b', '\u0000', '\ufeff', '%00'),
)
const subscription = fc.record({
  event: text,
  socket: fc.record({
    hosts: fc.constantFrom(base.hosts, parseSocket('rabbitmq:[fe80::1%25eth0]:1,H/q').hosts),
    user: text,
    password: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
    vhost: text,
    exchange: text,
    routingKey: text,
    persistent: fc.boolean(),
    tlsDomain: fc.option(text),
    anonymous: fc.constant(false),
  }),
  subscribedAt: fc.date({ noInvalidDate: true, min: new Date('1970-01-01'), max: now }),
  expire: fc.constant(null),
})

test('whatever is stored comes back as it was, in its order, passwords included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(subscription, { maxLength: 4 }), async (given) => {
      const store = new ConfSubscriptionStore(directory)
      expect(await store.update(now, () => ({ next: given, result: 'done' }))).toBe('done')
      expect(new ConfSubscriptionStore(directory).live(now)).toEqual(given)
    }),
    { numRuns: cases(40) },
  )
})

test('the file holds the printed socket, and the password beside it', async () => {
  const socket = parseSocket('rabbitmq:alice:s3cret@h/e?q')
  const one = { event: 'E_X', socket, subscribedAt: now, expire: 60 }
  await new ConfSubscriptionStore(directory).update(now, () => ({ next: [one], result: undefined }))
  expect(JSON.parse(readFileSync(join(directory, 'subscriptions.json'), 'utf8'))).toEqual({
    version: 1,
    checksum: expect.any(Number),
    subscriptions: [
      {
        event: 'E_X',
        socket: 'rabbitmq:alice@h:5672/e?q',
        password: 's3cret',
        subscribedAt: '2026-11-23T10:00:00.123Z',
        expire: 60,
      },
    ],
  })
})

test.each([0o600, 0o640, 0o644, 0o400])('a file keeps its mode when it is rewritten (%i)', async (mode) => {
  const store = new ConfSubscriptionStore(directory)
  const file = join(directory, 'subscriptions.json')
  await store.update(now, (live) => ({ next: live, result: undefined }))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  chmodSync(file, mode)
  await store.update(now, (live) => ({ next: live, result: undefined }))
  expect(statSync(file).mode & 0o777).toBe(mode)
})
