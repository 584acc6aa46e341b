import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '#lib/domain/opensips/config/read-config.ts'
import { flatten, type OpenInclude } from '#lib/domain/opensips/config/syntax/flatten.ts'
import type { FoundSubscription, Reading } from '#lib/domain/opensips/reading.ts'
import { readSocketText } from '#lib/domain/opensips/socket-text.ts'

const data = join(import.meta.dirname, '../../../vectors/opensips')

interface Expected {
  readonly file: string
  readonly subscriptions: readonly {
    event: string
    parts: Record<string, unknown>
    route: string
    when: string
    line: number
    file?: string
  }[]
  readonly settings: object
  readonly tlsDomains: Record<string, object>
  readonly ignored: readonly { line: number; why: string }[]
  readonly warnings: readonly { line: number; code: string }[]
}

const { files }: { files: Expected[] } = JSON.parse(readFileSync(join(data, 'cfg/expected.json'), 'utf8'))
const { sockets } = JSON.parse(readFileSync(join(data, 'sockets.json'), 'utf8'))

/** Reads a file as in its own directory. */
function read(file: string): Reading {
  const bytes = (name: string) => readFileSync(join(data, 'cfg', name))
  const open: OpenInclude = (path, from) => {
    const beside = join(dirname(from), path)
    const name = statSync(join(data, 'cfg', path), { throwIfNoEntry: false }) ? path : beside
    return { name, bytes: bytes(name) }
  }
  return readConfig(flatten({ name: file, bytes: bytes(file) }, open), new Map())
}

function partsOf({ socket }: FoundSubscription): object {
  const { hosts, user, password, exchange, routingKey, persistent, tlsDomain } = socket
  const [{ host, port }] = hosts
  return { user, password: password ?? 'guest', host, port, exchange, routingKey, persistent, tlsDomain }
}

/** What evi knows beyond the vectors: literals assigned before in the same route. */
const followed = ['in-string', 'from-var', 'q1']

test.for(files)('the subscriptions of $file are those that OpenSIPS makes', (expected) => {
  const { subscriptions, settings, tlsDomains, warnings } = read(expected.file)
  const found = subscriptions
    .filter(({ when, socket }) => when === 'startup' && !followed.includes(socket.routingKey))
    .map((one) => {
      const { event, route, when, line, file } = one
      return { event, parts: partsOf(one), route, when, line, file }
    })
  expect(found).toEqual(
    expected.subscriptions.map(({ event, parts, route, when, line, file = expected.file }) => ({
      event,
      parts,
      route,
      when,
      line,
      file,
    })),
  )
  expect(settings).toEqual(expected.settings)
  expect(Object.fromEntries(tlsDomains.map(({ name, serverName, ...domain }) => [name, domain]))).toEqual(
    expected.tlsDomains,
  )
  const lines = warnings.map(({ code, line }) => ({ code, line }))
  for (const { code, line } of expected.warnings) expect(lines).toContainEqual({ code, line })
  for (const { why, line } of expected.ignored) expect(lines).toContainEqual({ code: why, line })
  const known = new Set([...expected.warnings, ...expected.ignored].map(({ line }) => line))
  expect(lines.filter(({ line, code }) => !known.has(line) && code !== 'expires')).toEqual([])
})

test('the literals that a route assigns are followed to its subscriptions', () => {
  const found = read('07-variables.cfg').subscriptions.map((one) => partsOf(one))
  expect(found).toMatchObject([
    { host: '10.0.0.5', routingKey: 'in-string' },
    { host: '10.0.0.5', routingKey: 'from-var' },
    { host: '127.0.0.1', routingKey: 'q1' },
    { routingKey: 'ttl' },
    { routingKey: 'plain' },
  ])
})

interface SocketVector {
  readonly socket: string
  readonly opensips: Record<
    string,
    { accepted: boolean; exchange?: string; routingKey?: string; note?: string; login?: [string, string] }
  >
}

test.for(sockets as SocketVector[])('$socket is read as OpenSIPS reads it', ({ socket: text, opensips }) => {
  const reading = readSocketText(text.replaceAll('PORT', '5672'))
  const isOld = 'socket' in reading && reading.notes.includes('old-form')
  const judged = opensips[isOld ? '3.1.17' : '4.0.1']
  if ('refused' in reading) {
    // What can never work is refused, too.
    const works = judged?.accepted && judged.note === undefined && judged.routingKey !== undefined
    expect(works && text).toBe(false)
    return
  }
  expect(judged?.accepted).toBe(true)
  const { exchange, routingKey, user, password = 'guest' } = reading.socket
  if (judged?.routingKey !== undefined)
    expect({ exchange, routingKey }).toEqual({ exchange: judged.exchange, routingKey: judged.routingKey })
  if (judged?.login) expect([user, password]).toEqual(judged.login)
})
