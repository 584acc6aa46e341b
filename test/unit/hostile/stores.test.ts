import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { reportError } from '#lib/cli/report-error.ts'
import { EviError } from '#lib/errors.ts'
import { listOf } from '#lib/management/json-values.ts'
import { isBinding, isExchange, isPolicy, readJson } from '#lib/management/responses.ts'
import { ConfSettingsStore } from '#lib/storage/settings-store.ts'
import { ConfSubscriptionStore } from '#lib/storage/subscription-store.ts'
import { ConfTlsDomainStore } from '#lib/storage/tls-domain-store.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { renderSubscriptions } from '#lib/views/subscriptions/render-subscriptions.ts'
import { cases } from '../../helpers/cases.ts'
import { leftovers } from '../../helpers/evi/hostile-text.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const plain = styleFor({}, {})
const now = new Date('2026-11-23T10:00:00Z')
const good = {
  subscriptions: {
    version: 1,
    subscriptions: [
      {
        event: 'E_X',
        socket: 'rabbitmq:u@h/q',
        password: 'p',
        subscribedAt: '2026-11-23T09:00:00Z',
        expire: null,
      },
    ],
  },
  settings: { version: 1, settings: { timeout: 5000, heartbeat: 0 } },
  'tls-domains': {
    version: 1,
    domains: [
      { name: 'd', ca: null, certificate: null, privateKey: null, verifyCert: true, serverName: null },
    ],
  },
}

/** A good file with any value in the place of one of its own, a few of its bytes changed, or any bytes. */
function fileOf(document: object): fc.Arbitrary<Buffer> {
  const text = JSON.stringify(document)
  const values = [...text.matchAll(/(?<=[:[,])(?:"[^"]*"|\d+|null|true|\{[^{}]*\}|\[.*\])(?=[,\]}])/g)]
  const replaced = fc
    .tuple(
      fc.constantFrom(...values),
      fc.oneof(
        fc.json({ stringUnit: 'binary' }),
        fc.constantFrom('null', '-1', '1e400', '"\\u001b[2J"', '"rabbitmq:h/%1b"'),
      ),
    )
    .map(([{ index, 0: old }, json]) =>
      Buffer.from(text.slice(0, index) + json + text.slice(index + old.length)),
    )
  const changed = fc
    .array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    .map((changes) => {
      const bytes = Buffer.from(text)
      for (const [at, value] of changes) bytes[at] = value
      return bytes
    })
  const cut = fc.nat(text.length).map((length) => Buffer.from(text.slice(0, length)))
  return fc.oneof(
    replaced,
    changed,
    cut,
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  )
}

test.each([
  [
    'subscriptions',
    (place: string) => renderSubscriptions(new ConfSubscriptionStore(place).live(now), now, plain),
  ],
  ['settings', (place: string) => JSON.stringify(new ConfSettingsStore(place).read())],
  ['tls-domains', (place: string) => JSON.stringify(new ConfTlsDomainStore(place).all())],
] as const)('any bytes as %s.json are read as something sensible, or reported as damaged', (name, read) => {
  const file = join(directory, `${name}.json`)
  fc.assert(
    fc.property(fileOf(good[name]), (bytes) => {
      writeFileSync(file, bytes)
      try {
        const shown = read(directory)
        if (name === 'subscriptions') expect(leftovers(shown)).toEqual([])
      } catch (error) {
        expect(error).toBeInstanceOf(EviError)
        expect(error).toMatchObject({ code: 'damaged', exit: 78 })
        expect(leftovers(reportError(error, { json: false }).text)).toEqual([])
      }
      expect(readFileSync(file)).toEqual(bytes)
    }),
    { numRuns: cases(1000) },
  )
})

test('a change of a file that makes no sense leaves it byte for byte', async () => {
  const file = join(directory, 'settings.json')
  await fc.assert(
    fc.asyncProperty(fileOf(good.settings), async (bytes) => {
      writeFileSync(file, bytes)
      const store = new ConfSettingsStore(directory)
      try {
        await store.set('heartbeat', 7)
      } catch (error) {
        expect(error).toMatchObject({ code: 'damaged' })
        expect(readFileSync(file)).toEqual(bytes)
        return
      }
      expect(store.read().heartbeat).toBe(7)
    }),
    { numRuns: cases(20) },
  )
})

test('whatever the management API answers, only names that are text get in', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('queue', 'exchange', {}, []))
  const keys = [
    'name',
    'type',
    'arguments',
    'policy',
    'source',
    'destination',
    'destination_type',
    'routing_key',
    'definition',
  ]
  const record = fc.dictionary(fc.constantFrom(...keys), value)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(record).map((list) => JSON.stringify(list)),
        record.map((one) => JSON.stringify(one)),
        fc.string(),
      ),
      (text) => {
        const document = readJson(text)
        for (const one of listOf(isExchange)(document) ? document : [document].filter(isExchange)) {
          expect([typeof one.name, typeof one.type]).toEqual(['string', 'string'])
          expect(() => Object.entries(one.arguments)).not.toThrow()
        }
        for (const one of listOf(isBinding)(document) ? document : [document].filter(isBinding))
          expect(
            [one.source, one.destination, one.routing_key].every((name) => typeof name === 'string'),
          ).toBe(true)
        if (isPolicy(document)) expect(document.definition).toBeTypeOf('object')
      },
    ),
    { numRuns: cases(2000) },
  )
})
