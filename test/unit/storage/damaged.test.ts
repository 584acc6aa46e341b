import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfSettingsStore } from '#lib/storage/settings-store.ts'
import { ConfSubscriptionStore } from '#lib/storage/subscription-store.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const now = new Date('2026-11-23T10:00:00Z')
const good = { event: 'E_X', socket: 'rabbitmq:h/q', subscribedAt: '2026-11-23T09:00:00.000Z', expire: null }
const withRecord = (change: object) =>
  JSON.stringify({ version: 1, subscriptions: [good, { ...good, ...change }] })

describe('a store of subscriptions that makes no sense is reported and left byte for byte', () => {
  test.each<[string, string | Buffer]>([
    ['cut short', withRecord({}).slice(0, -2)],
    ['zeros', Buffer.alloc(100)],
    ['another encoding', Buffer.from(withRecord({}), 'utf16le')],
    ['bytes that are no UTF-8', Buffer.from(withRecord({ event: 'E_\u00ff' }), 'latin1')],
    ['a newer form', withRecord({}).replace('"version":1', '"version":2')],
    ['an unknown form', withRecord({}).replace('"version":1', '"version":0')],
    ['no event', withRecord({ event: undefined })],
    ['an event of another type', withRecord({ event: 1 })],
    ['no socket', withRecord({ socket: undefined })],
    ['a socket that cannot be read', withRecord({ socket: 'amqp://h/q' })],
    ['a password of another type', withRecord({ password: null })],
    ['no time', withRecord({ subscribedAt: undefined })],
    ['a time that is none', withRecord({ subscribedAt: 'yesterday' })],
    ['a time of another type', withRecord({ subscribedAt: true })],
    ['no expiry', withRecord({ expire: undefined })],
    ['an expiry of another type', withRecord({ expire: '60' })],
    ['an expiry that is not whole', withRecord({ expire: 1.5 })],
  ])('%s', async (_, content) => {
    const file = join(directory, 'subscriptions.json')
    writeFileSync(file, content)
    const bytes = readFileSync(file)
    const store = new ConfSubscriptionStore(directory)
    const damaged = expect.objectContaining({
      code: 'damaged',
      exit: 78,
      message: expect.stringContaining(file),
    })
    expect(() => store.live(now)).toThrow(damaged)
    await expect(store.update(now, (live) => ({ next: live, result: 0 }))).rejects.toThrow(damaged)
    expect(readFileSync(file)).toEqual(bytes)
  })

  test('a newer form is reported as such', () => {
    writeFileSync(join(directory, 'subscriptions.json'), '{"version":2}')
    expect(() => new ConfSubscriptionStore(directory).live(now)).toThrow(
      /was written by a newer evi \(form 2\)/,
    )
  })

  test('a directory in its place is reported as such', async () => {
    mkdirSync(join(directory, 'subscriptions.json'))
    const store = new ConfSubscriptionStore(directory)
    const damaged = expect.objectContaining({
      code: 'damaged',
      message: expect.stringContaining('it is a directory'),
    })
    expect(() => store.live(now)).toThrow(damaged)
    await expect(store.update(now, () => ({ next: [], result: 0 }))).rejects.toThrow(damaged)
  })
})

describe('settings that make no sense are reported and left byte for byte', () => {
  test.each([
    '',
    '{"version":1',
    '{"version":2,"settings":{}}',
    '{"version":1}',
    '{"version":1,"settings":null}',
    '{"version":1,"settings":[]}',
    '{"version":1,"settings":"timeout"}',
    '{"version":1,"settings":{"timeout":null}}',
    '{"version":1,"settings":{"timeout":"5"}}',
    '{"version":1,"settings":{"timeout":5.5}}',
    '{"version":1,"settings":{"timeout":600001}}',
  ])('%s', async (content) => {
    const file = join(directory, 'settings.json')
    writeFileSync(file, content)
    const store = new ConfSettingsStore(directory)
    const damaged = expect.objectContaining({ code: 'damaged', message: expect.stringContaining(file) })
    expect(() => store.read()).toThrow(damaged)
    await expect(store.set('heartbeat', 1)).rejects.toThrow(damaged)
    expect(readFileSync(file, 'utf8')).toBe(content)
  })
})

describe('without a place to write', () => {
  test('a file where the directory belongs is reported, and stays', async () => {
    const file = join(directory, 'file')
    writeFileSync(file, 'mine')
    for (const place of [file, join(file, 'deeper')]) {
      const error = {
        code: 'cannot-write',
        exit: 74,
        message: /a file stands where the directory belongs\.$/,
      }
      await expect(new ConfSettingsStore(place).set('timeout', 1)).rejects.toMatchObject({
        ...error,
        message: expect.stringMatching(error.message),
      })
    }
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  test('reading finds nothing, and makes nothing', () => {
    const place = join(directory, 'nowhere')
    expect(new ConfSubscriptionStore(place).live(now)).toEqual([])
    expect(new ConfSettingsStore(place).read()).toEqual({})
    expect(readdirSync(directory)).toEqual([])
  })
})
