import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { StorageListener } from '#lib/storage/config-file.ts'
import { DirectoryContextStore } from '#lib/storage/context-store.ts'
import { ConfSettingsStore } from '#lib/storage/settings-store.ts'
import { ConfSubscriptionStore } from '#lib/storage/subscription-store.ts'
import { ConfTlsDomainStore } from '#lib/storage/tls-domain-store.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const now = new Date('2026-11-23T10:00:00Z')
const office = { name: 'office', ca: '/ca.pem', certificate: null, privateKey: null, verifyCert: true }

/** Each file that evi keeps: how it is filled, and what is read of it. */
const stores = {
  subscriptions: {
    fill: async () => {
      const socket = parseSocket('rabbitmq:user:secret@h/sip?pike')
      const next = [{ event: 'E_X', socket, subscribedAt: now, expire: null }]
      await new ConfSubscriptionStore(directory).update(now, () => ({ next, result: undefined }))
    },
    read: (listener: StorageListener) => new ConfSubscriptionStore(directory, listener).live(now),
  },
  settings: {
    fill: () => new ConfSettingsStore(directory).set('timeout', 6000),
    read: (listener: StorageListener) => new ConfSettingsStore(directory, listener).read(),
  },
  'tls-domains': {
    fill: () =>
      new ConfTlsDomainStore(directory).update(() => ({
        next: [{ ...office, serverName: null, pkcs12: null, passphraseFile: null }],
        result: undefined,
      })),
    read: (listener: StorageListener) => new ConfTlsDomainStore(directory, listener).all(),
  },
  context: {
    fill: () => new DirectoryContextStore(directory).use('staging'),
    read: (listener: StorageListener) => new DirectoryContextStore(directory, listener).used(),
  },
}

test.each(Object.entries(stores))(
  'a wrong bit in %s.json never changes what is read without a word',
  async (name, { fill, read }) => {
    await fill()
    const file = join(directory, `${name}.json`)
    const bytes = readFileSync(file)
    const reports: string[] = []
    const listener = { changing: async () => () => {}, changed: (path: string) => reports.push(path) }
    const written = JSON.stringify(read(listener))
    expect(reports).toEqual([])
    const unsaid: number[] = []
    // Every third, which are all bits of a byte in turn.
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      writeFileSync(file, flipped)
      reports.length = 0
      const { value } = attempt(() => read(listener))
      if (value !== undefined && value !== written && reports.length === 0) unsaid.push(bit)
    }
    expect(unsaid).toEqual([])
  },
)

/** What is read, as JSON; nothing where the file is refused as damaged. */
function attempt(read: () => unknown): { readonly value: string | undefined } {
  try {
    return { value: JSON.stringify(read()) }
  } catch (error) {
    expect(error).toMatchObject({ code: 'damaged' })
    return { value: undefined }
  }
}
