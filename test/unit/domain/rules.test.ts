import { describe, expect, test } from 'vitest'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { readMessageProperties } from '#lib/domain/event/message-properties.ts'
import { readSetting, resolveSetting, resolveSettings } from '#lib/domain/settings.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { isLive, StoredPasswords, timeToLive } from '#lib/domain/subscription/subscription.ts'

const usage = expect.objectContaining({ code: 'usage' })

describe('an event name', () => {
  test.each(['E', 'E_PIKE_BLOCKED', 'ż'.repeat(32), '10', '__proto__', 'a:b/c'])('can be %s', (name) => {
    expect(checkEventName(name)).toBe(name)
  })

  test.each([
    '',
    ' ',
    'a b',
    'a\u00a0b',
    'a\nb',
    'a\u001b',
    'a\u0085',
    'a\u202e',
    'E'.repeat(65),
    'ż'.repeat(33),
    '-',
    'rabbitmq:h/q',
    'alice:s3cret@h/q',
    'http://alice:s3cret@h:15672',
  ])('cannot be %j', (name) => {
    expect(() => checkEventName(name)).toThrow(usage)
  })
})

describe('a setting', () => {
  test.each([
    ['heartbeat', 0, 65_535],
    ['sync_mode', 0, 1],
    ['connect_timeout', 1, 600_000],
    ['timeout', 1, 600_000],
    ['max_message', 0, 536_870_912],
  ] as const)('%s is a whole number from %i to %i', (name, minimum, maximum) => {
    expect([minimum, maximum].map((value) => readSetting(name, String(value)))).toEqual([minimum, maximum])
    for (const text of [
      String(minimum - 1),
      String(maximum + 1),
      '',
      ' 1',
      '1.0',
      '1e3',
      '0x1',
      'x',
      '-1',
      '9'.repeat(20),
    ]) {
      expect(() => readSetting(name, text, 'here')).toThrow(
        expect.objectContaining({
          code: 'usage',
          message: expect.stringContaining(`from ${minimum} to ${maximum}`),
        }),
      )
    }
  })

  test('comes from the flag, the variable, the file or the default, in this order', () => {
    const sources = { flags: { timeout: 1 }, environment: { EVI_TIMEOUT: '2' }, stored: { timeout: 3 } }
    expect(resolveSetting('timeout', sources)).toEqual({ value: 1, from: 'flag' })
    expect(resolveSetting('timeout', { ...sources, flags: {} })).toEqual({ value: 2, from: 'environment' })
    expect(resolveSetting('timeout', { ...sources, flags: {}, environment: { EVI_TIMEOUT: '' } })).toEqual({
      value: 3,
      from: 'settings',
    })
    expect(resolveSettings({ flags: {}, environment: {}, stored: {} })).toEqual({
      heartbeat: 0,
      sync_mode: 0,
      connect_timeout: 500,
      timeout: 5000,
      max_message: 16_384,
    })
  })
})

describe('a subscription', () => {
  const subscribedAt = new Date('2026-11-23T10:00:00Z')
  const at = (seconds: number) => new Date(subscribedAt.getTime() + seconds * 1000)
  const one = { event: 'E_X', socket: parseSocket('rabbitmq:alice:s3cret@h/q'), subscribedAt, expire: 60 }

  test('lives for so many seconds, or for ever', () => {
    expect([0, 0.5, 59.5, 60, 61].map((seconds) => timeToLive(one, at(seconds)))).toEqual([60, 60, 1, 0, -1])
    expect([59.5, 60].map((seconds) => isLive(one, at(seconds)))).toEqual([true, false])
    expect(timeToLive({ ...one, expire: null }, at(1e9))).toBeNull()
  })

  test('lends its password to the same subscriber where that names none, and to no other', () => {
    const password = (socket: string) => new StoredPasswords([one]).complete(parseSocket(socket)).password
    expect(password('rabbitmq:alice@h:5672/persistent?q')).toBe('s3cret')
    expect(password('rabbitmq:alice:@h/q')).toBe('')
    expect(password('rabbitmq:alice@h/other')).toBeUndefined()
    expect(password('rabbitmq:bob@h/q')).toBeUndefined()
  })
})

describe('message properties', () => {
  test('are those that were asked for', () => {
    expect(readMessageProperties({})).toEqual({})
    expect(
      readMessageProperties({ 'content-type': 't', 'message-id': '', header: ['a=b=c', '__proto__=x'] }),
    ).toEqual({
      contentType: 't',
      messageId: '',
      headers: Object.fromEntries([
        ['a', 'b=c'],
        ['__proto__', 'x'],
      ]),
    })
  })

  test.each([
    { header: ['a'] },
    { header: ['=b'] },
    { header: ['a=1', 'a=2'] },
    { 'message-id': 'x'.repeat(256) },
    { header: [`${'ż'.repeat(128)}=1`] },
  ])('are refused: %j', (flags) => {
    expect(() => readMessageProperties(flags)).toThrow(usage)
  })
})
