import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { serve } from '../../helpers/brokers/local-server.ts'
import { client, evi, useClientPerTest, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()
useClientPerTest()

const notification = (number: number) => `{"jsonrpc":"2.0","method":"E_X","params":{"n":${number}}}`
const sources = {
  'standard input': { line: notification, input: 'raise - <' },
  'a named pipe': { line: (number: number) => `{"n":${number}}`, input: 'raise E_X --batch' },
} as const

/** A named pipe whose writer goes on until it is stopped, and whose rest can be read afterwards. */
class OpenPipe {
  readonly path: string
  readonly #file: number
  #stopped = false
  #written = Buffer.alloc(0)

  constructor(path: string) {
    this.path = path
    execFileSync('mkfifo', [path])
    this.#file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  }

  /** Writes numbered lines, so many every two milliseconds. */
  async write(lines: number, line: (number: number) => string): Promise<void> {
    let number = 0
    let left = Buffer.alloc(0)
    while (!this.#stopped) {
      for (let count = 0; count < lines && left.length < 100_000; count++)
        left = Buffer.concat([left, Buffer.from(`${line(number++)}\n`)])
      const length = this.#write(left)
      this.#written = Buffer.concat([this.#written, left.subarray(0, length)])
      left = left.subarray(length)
      await sleep(2)
    }
  }

  /** Ends the writing. Returns what was written and what nothing has read. */
  stop(): { written: string; rest: string } {
    this.#stopped = true
    const rest: Buffer[] = []
    const bytes = Buffer.alloc(65_536)
    try {
      while (true) rest.push(Buffer.from(bytes.subarray(0, readSync(this.#file, bytes))))
    } catch {
      // Nothing more is there.
    }
    closeSync(this.#file)
    return { written: this.#written.toString(), rest: Buffer.concat(rest).toString() }
  }

  #write(bytes: Buffer): number {
    try {
      return bytes.length === 0 ? 0 : writeSync(this.#file, bytes)
    } catch {
      return 0
    }
  }
}

const numberOf = (text: string) => {
  const { n, params } = JSON.parse(text)
  return (n ?? params.n) as number
}

test.each([
  ['standard input', 'SIGINT', 1],
  ['standard input', 'SIGTERM', 10],
  ['standard input', 'SIGINT', 200],
  ['standard input', 'SIGTERM', 2000],
  ['a named pipe', 'SIGTERM', 1],
  ['a named pipe', 'SIGINT', 10],
  ['a named pipe', 'SIGTERM', 200],
  ['a named pipe', 'SIGINT', 2000],
] as const)(
  'raise - from %s that %s ends while %d lines come every 2 ms leaves each byte delivered, in --failed or in the pipe',
  async (source, signal, rate) => {
    const failed = join(evi.configDirectory, 'failed')
    for (let round = 0; round < 3; round++) {
      const queue = await client.queue()
      const pipe = new OpenPipe(join(evi.configDirectory, `pipe-${round}`))
      const { line, input } = sources[source]
      const words = `--failed ${failed} --sync --json -s ${brokerAddress}/${queue}`
      const raise = evi.startShell(`exec ${evi.command} ${input} ${pipe.path} ${words}`)
      const writing = pipe.write(rate, line)
      const seen = await client.work(queue, { prefetch: 1000 })
      await expect.poll(() => seen.length).toBeGreaterThan(round * 20)
      await sleep(Math.random() * 50)
      const { code, stdout } = await raise.kill(signal)
      const { written, rest } = pipe.stop()
      await writing
      const { summary } = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string)
      await expect.poll(() => seen.length).toBe(summary.confirmed)
      const delivered = seen.map(numberOf)
      const kept = existsSync(failed) ? readFileSync(failed, 'utf8').trimEnd().split('\n') : []
      rmSync(failed, { force: true })
      const numbers = [...delivered, ...kept.filter(Boolean).map(numberOf)].sort((a, b) => a - b)
      expect({ code, read: summary.read, failed: summary.failed }).toEqual({
        code: 130,
        read: numbers.length,
        failed: numbers.length - delivered.length,
      })
      expect(numbers.map((number) => `${line(number)}\n`).join('') + rest).toBe(written)
    }
  },
  120_000,
)

test('a raise that is interrupted says what became of the event until then, and is over at once', async () => {
  let connections = 0
  const silent = await serve(() => void connections++)
  const queue = await client.queue()
  const sockets = [`${brokerAddress}/${queue}`, `rabbitmq:127.0.0.1:${silent.port}/q`]
  try {
    const words = ['raise', 'E_X', '--json', ...sockets.flatMap((socket) => ['--socket', socket])]
    const raise = evi.start([...words, '--reply-timeout', '60s'])
    await expect.poll(async () => (await client.channel.checkQueue(queue)).messageCount).toBe(1)
    await expect.poll(() => connections).toBe(1)
    // The queue has the event before evi has the confirm.
    await sleep(200)
    const { code, stdout, stderr } = await raise.kill('SIGINT')
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    const { results } = JSON.parse(stdout)
    expect(results).toMatchObject([
      { status: 'sent' },
      { status: 'interrupted', reason: 'Interrupted before it was sent.' },
    ])
  } finally {
    await silent.close()
  }
})

test('raise - that is interrupted while its brokers do not answer keeps the lines in their order', async () => {
  let connections = 0
  const servers = await Promise.all([1, 2].map(() => serve(() => void connections++)))
  try {
    for (const [index, { port }] of servers.entries())
      await evi.run(['subscribe', `E_${index}`, `rabbitmq:127.0.0.1:${port}/q`])
    const numbers = Array.from({ length: 2000 }, (_, number) => number)
    const lines = numbers.map((n) => `{"jsonrpc":"2.0","method":"E_${n % 2}","params":{"n":${n}}}\n`).join('')
    const [input, failed] = ['input', 'failed'].map((name) => join(evi.configDirectory, name))
    writeFileSync(input as string, lines)
    const raise = evi.startShell(
      `exec ${evi.command} raise - --sync --window 100 --failed ${failed} < ${input}`,
    )
    await expect.poll(() => connections).toBe(2)
    await raise.kill('SIGINT')
    expect(readFileSync(failed as string, 'utf8')).toBe(lines)
  } finally {
    for (const server of servers) await server.close()
  }
})
