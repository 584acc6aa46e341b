import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCodes, exitPartly } from '#lib/exit-codes.ts'
import { brokenBroker } from '../../helpers/brokers/broken-broker.ts'
import { brokenBrokers, floods, hostilePassword } from '../../helpers/brokers/broken-brokers.ts'
import type { LocalServer } from '../../helpers/brokers/local-server.ts'
import { type Ended, Evi } from '../../helpers/evi/evi.ts'
import { slowness } from '../../helpers/slowness.ts'

/** Milliseconds that evi waits for a reply here, and more than all replies of a command and a slow start can take. */
const replyTimeout = 500
const limit = 30_000 * slowness
/** Kilobytes; evi itself takes 60,000 to 90,000. */
const memory = 250_000

const evi = new Evi()
const environment = { EVI_TIMEOUT: String(replyTimeout), EVI_CONNECT_TIMEOUT: '5000' }
const brokers = new Map<string, LocalServer>()
const socketOf = (name: string) => `rabbitmq:u:${hostilePassword}@127.0.0.1:${brokers.get(name)?.port}/q`

const notification = '{"jsonrpc":"2.0","method":"E_X"}\n'
/** Each command that talks to a broker, with a single one. */
const commands: Readonly<Record<string, (socket: string) => { words: string[]; input?: string }>> = {
  raise: (socket) => ({ words: ['raise', 'E_X', '--socket', socket] }),
  'raise --sync': (socket) => ({ words: ['raise', 'E_X', '--sync', '--socket', socket] }),
  'raise -': (socket) => ({
    words: ['raise', '-', '--sync', '--retry-for', '1', '--socket', socket],
    input: notification,
  }),
  tail: (socket) => ({
    words: ['tail', '--socket', socket.replace('/q', '/ex?q'), '--count', '1', '--timeout', '1'],
  }),
  check: (socket) => ({ words: ['check', '--socket', socket] }),
  bench: (socket) => ({ words: ['bench', socket, '--count', '10'] }),
  'subscribe --check': (socket) => ({ words: ['subscribe', 'E_X', socket, '--check'] }),
  map: () => ({ words: ['map', '--check'] }),
}
const names = Object.keys(commands)
/** All commands meet all brokers by night; by day each broker meets one here, but the map, which takes two runs. */
const pairs = Object.keys(brokenBrokers).flatMap((name, index) =>
  (process.env.EVI_FUZZ ? names : [names[index % (names.length - 1)] as string]).map((command) => ({
    name,
    command,
  })),
)

beforeAll(async () => {
  for (const [name, behaviour] of Object.entries({ ...brokenBrokers, ...floods }))
    brokers.set(name, await brokenBroker(behaviour))
})
afterAll(async () => {
  await evi.dispose()
  for (const broker of brokers.values()) await broker.close()
})

/** A sentence and a code of the table, in time, and nothing else. */
function expectWords({ code, stdout, stderr, ms }: Ended): void {
  const said = stdout + stderr
  expect(said).not.toMatch(/\n\s+at |went wrong|Unhandled|Trace/)
  expect([0, exitPartly, ...Object.values(exitCodes)]).toContain(code)
  expect(code, said).not.toBe(exitCodes.internal)
  if (code !== 0) expect(said).toMatch(/(?:✖|evi:|!|\?) .*\S/)
  expect(said).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
  expect(said).not.toContain(hostilePassword)
  // What stands on stdout may be a message, as long as it is.
  for (const line of stderr.split('\n')) expect(line.length).toBeLessThan(1000)
  expect(ms).toBeLessThan(limit)
}

describe.concurrent('a broker that is broken', { timeout: 2 * limit }, () => {
  test.each(pairs)('$name: evi $command', async ({ name, command }) => {
    const own = command === 'map' ? new Evi() : evi
    try {
      if (command === 'map') await own.run(['subscribe', 'E_X', socketOf(name)])
      const { words, input } = (commands[command] as NonNullable<(typeof commands)[string]>)(socketOf(name))
      expectWords(await own.run(words, { environment, ...(input ? { input } : {}) }))
    } finally {
      if (own !== evi) await own.dispose()
    }
  })
})

describe('all the broken brokers at once', { timeout: 2 * limit }, () => {
  beforeAll(async () => {
    const lines = Object.keys(brokenBrokers).map((name) => `E_X ${socketOf(name)}\n`)
    expect(await evi.run(['subscribe', '--batch', '-'], { input: lines.join('') })).toMatchObject({ code: 0 })
  })

  test.each([
    ['raise', ['raise', 'E_X'], ''],
    ['raise --sync', ['raise', 'E_X', '--sync'], ''],
    ['raise -', ['raise', '-', '--sync', '--retry-for', '1'], notification],
    ['check', ['check'], ''],
    ['map', ['map', '--check'], ''],
  ])('evi %s serves each', async (_, words, input) => {
    expectWords(await evi.run(words, { environment, input }))
  })
})

describe.concurrent('a flood', { timeout: 2 * limit }, () => {
  test.each(
    Object.keys(floods).flatMap((name) =>
      ['raise --sync', 'tail', 'check'].map((command) => ({ name, command })),
    ),
  )('of $name does not fill the memory of evi $command', async ({ name, command }) => {
    const { words } = (commands[command] as NonNullable<(typeof commands)[string]>)(socketOf(name))
    const running = evi.start(words, { environment })
    let peak = 0
    const watch = setInterval(() => {
      peak = Math.max(peak, peakMemory(running.pid))
    }, 20)
    const end = await running.ended
    clearInterval(watch)
    expectWords(end)
    expect(peak).toBeLessThan(memory)
  })
})

/** Kilobytes; 0 once it is gone. */
function peakMemory(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
