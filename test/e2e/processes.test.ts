import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Evi } from '../helpers/evi.ts'

interface Listed {
  readonly subscriptions: readonly { readonly event: string; readonly routingKey: string }[]
}

let evi: Evi
beforeEach(() => {
  evi = new Evi()
})
afterEach(() => evi.dispose())

describe('many processes at once', () => {
  test('lose nothing of what 50 of them subscribe and unsubscribe', { timeout: 120_000 }, async () => {
    const numbers = Array.from({ length: 50 }, (_, number) => number)
    const odd = numbers.filter((number) => number % 2 === 1)
    const keys = async () =>
      (await evi.json<Listed>('list')).subscriptions.map(({ routingKey }) => routingKey).sort()
    const all = (run: (number: number) => string[], of = numbers) =>
      Promise.all(of.map((number) => evi.run(run(number))))

    const subscribed = await all((number) => ['subscribe', `E_${number % 3}`, `rabbitmq:h/q${number}`])
    expect(subscribed.map(({ code }) => code)).toEqual(numbers.map(() => 0))
    expect(await keys()).toEqual(numbers.map((number) => `q${number}`).sort())

    const mixed = await Promise.all([
      all((number) => ['unsubscribe', `E_${number % 3}`, `rabbitmq:h/q${number}`], odd),
      all((number) => ['subscribe', 'E_NEW', `rabbitmq:h/n${number}`], odd),
    ])
    expect(mixed.flat().every(({ code }) => code === 0)).toBe(true)
    const even = numbers.filter((number) => number % 2 === 0).map((number) => `q${number}`)
    expect(await keys()).toEqual([...even, ...odd.map((number) => `n${number}`)].sort())
  })

  test('a writer that is killed leaves the old store or the new one, and no lock', async () => {
    await evi.run(['subscribe', 'E_X', 'rabbitmq:h/first'])
    for (let round = 1; round <= 10; round++) {
      const writer = evi.start(['subscribe', 'E_X', `rabbitmq:h/q${round}`])
      await new Promise((resolve) => setTimeout(resolve, round * 15))
      await writer.kill('SIGKILL')
      const { subscriptions } = await evi.json<Listed>('list')
      expect(subscriptions[0]).toMatchObject({ routingKey: 'first' })
    }
    expect(await evi.run(['subscribe', 'E_X', 'rabbitmq:h/last'])).toMatchObject({ code: 0 })
  })
})

describe('a lock that another process holds', () => {
  const hold = (milliseconds: number) =>
    evi.startShell(`"${process.execPath}" -e '
      const { DatabaseSync } = require("node:sqlite")
      new DatabaseSync(process.env.EVI_CONFIG_DIR + "/subscriptions.lock").exec("BEGIN EXCLUSIVE")
      console.log("held")
      setTimeout(() => process.exit(), ${milliseconds})'`)

  test('is waited for, and given up after 10 s with exit code 75', async () => {
    const holder = hold(60_000)
    await holder.said('stdout', /held/)
    const { code, stderr, ms } = await evi.run(['subscribe', 'E_X', 'rabbitmq:h/q'])
    expect({ code, stderr }).toEqual({
      code: 75,
      stderr: expect.stringContaining('subscriptions.lock for 10 seconds'),
    })
    expect(ms).toBeGreaterThan(10_000)
    expect(await evi.run(['list', '--json'])).toMatchObject({ code: 0 })
    const patient = evi.start(['subscribe', 'E_X', 'rabbitmq:h/q'])
    await holder.kill('SIGKILL')
    expect(await patient.ended).toMatchObject({ code: 0 })
  })
})

describe('the files', () => {
  test('are for their owner only, whatever the umask', async () => {
    await evi.shell(
      `umask 000; export EVI_CONFIG_DIR="$EVI_CONFIG_DIR/new"; evi subscribe E_X rabbitmq:h/q; evi settings timeout 9`,
    )
    const mode = (name: string) => statSync(join(evi.configDirectory, 'new', name)).mode & 0o777
    expect(['.', 'subscriptions.json', 'settings.json'].map(mode)).toEqual([0o700, 0o600, 0o600])
  })

  test('a place that cannot be written is exit code 74', async () => {
    writeFileSync(join(evi.configDirectory, 'file'), '')
    const { code, stderr } = await evi.shell(
      `EVI_CONFIG_DIR="$EVI_CONFIG_DIR/file/x" evi subscribe E_X rabbitmq:h/q`,
    )
    expect({ code, stderr }).toEqual({
      code: 74,
      stderr: expect.stringMatching(/^evi: .*cannot be written: a file stands/),
    })
  })
})

describe('closed pipes and signals', () => {
  test('evi list | head -0 is no error', async () => {
    for (let number = 0; number < 3; number++) await evi.run(['subscribe', 'E_X', `rabbitmq:h/q${number}`])
    const { stdout, stderr } = await evi.shell(
      `evi list | head -1; echo "\${PIPESTATUS[*]}"; evi list | head -0; echo "\${PIPESTATUS[*]}"`,
    )
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringMatching(/^EVENT .*\n0 0\n0 0\n$/),
      stderr: '',
    })
  })

  test('several may write to one output, one after the other', async () => {
    const { stdout } = await evi.shell('evi list --json; evi list --json')
    expect(stdout).toBe('{"subscriptions":[]}\n'.repeat(2))
  })

  test('a reader gets all, however much that is', async () => {
    const input = JSON.stringify({ a: 'x'.repeat(5_000_000) })
    const words = ['raise', 'E_X', '--params', '-', '--dry-run', '--json', '--socket', 'rabbitmq:h/q']
    const { code, stdout } = await evi.run(words, { input, environment: { EVI_MAX_MESSAGE: '0' } })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).payload).toHaveLength(
      '{"jsonrpc":"2.0","method":"E_X","params":}'.length + input.length,
    )
  })

  test.each(['--help', '--version'])(
    'a full disk under the output of evi %s is exit code 74',
    async (words) => {
      const { code, stderr } = await evi.shell(`evi ${words} >/dev/full`)
      expect({ code, stderr }).toEqual({
        code: 74,
        stderr: expect.stringContaining('evi: The output cannot be written: ENOSPC.\n'),
      })
    },
  )

  test('a developer’s NODE_ENV changes nothing', async () => {
    const { code, stdout } = await evi.run(['list', '--json'], { environment: { NODE_ENV: 'development' } })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"subscriptions":[]}\n' })
  })
})

describe('words', () => {
  test.each([
    [0, ['--help'], /USAGE/],
    [0, ['help', 'raise'], /raise EVENT/],
    [0, ['raise', '--help'], /EXAMPLES/],
    [0, ['--version'], /^evi\/\d/],
    [64, ['nonsense'], /^evi: command nonsense not found\./],
    [64, ['list', '--nonsense'], /^evi: Nonexistent flag: --nonsense\./],
  ])('exit code %i for %j', async (exit, words, sentence) => {
    const { code, stdout, stderr } = await evi.run(words)
    expect({ code, said: stdout + stderr }).toEqual({ code: exit, said: expect.stringMatching(sentence) })
  })
})
