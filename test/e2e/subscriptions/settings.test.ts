import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()

test('a flag goes before a variable, that before a setting, that before the default', async () => {
  const limit = async (flags: string[], environment: Record<string, string>) => {
    const words = ['raise', 'E_X', '--param', `long=${'x'.repeat(20_000)}`, '--dry-run', ...flags]
    return (await evi.run(words, { environment })).code
  }
  expect(await limit([], {})).toBe(65)
  await evi.run(['settings', 'max_message', '30000'])
  expect(await limit([], {})).toBe(0)
  expect(await limit([], { EVI_MAX_MESSAGE: '100' })).toBe(65)
  expect(await limit(['--max-message', '0'], { EVI_MAX_MESSAGE: '100' })).toBe(0)
  await evi.run(['settings', 'max_message', '--unset'])
  expect(await limit([], {})).toBe(65)
})

test('shows each value and where it comes from', async () => {
  await evi.run(['settings', 'sync_mode', '1'])
  const { stdout } = await evi.run(['settings', '--json'], { environment: { EVI_HEARTBEAT: '30' } })
  expect(JSON.parse(stdout).settings).toEqual([
    { name: 'heartbeat', value: 30, from: 'environment' },
    { name: 'sync_mode', value: 1, from: 'settings' },
    { name: 'connect_timeout', value: 500, from: 'default' },
    { name: 'timeout', value: 5000, from: 'default' },
    { name: 'max_message', value: 16384, from: 'default' },
    { name: 'management', value: 'auto', from: 'default' },
    { name: 'opensips', value: 'off', from: 'default' },
  ])
})

test.each([
  [['settings', 'nonsense'], {}],
  [['settings', 'sync_mode', '2'], {}],
  [['settings', 'heartbeat', '65536'], {}],
  [['settings', 'timeout', 'soon'], {}],
  [['settings', 'connect_timeout', '--', '-1'], {}],
  [['settings', '--unset'], {}],
  [['raise', 'E_X', '--reply-timeout', '0'], {}],
  [['raise', 'E_X'], { EVI_TIMEOUT: 'abc' }],
])('%j with %j is wrong usage', async (words, environment) => {
  const { code, stderr } = await evi.run(words, { environment })
  expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringMatching(/^evi: [^\n]+\.\n/) })
})

test('a duration takes a unit in a flag, a variable, a setting and a file', async () => {
  await evi.run(['settings', 'timeout', '10s'])
  expect((await evi.run(['settings', 'timeout'])).stdout).toMatch(/timeout +10000 ms +settings/)
  const environment = { EVI_TIMEOUT: '2m' }
  expect((await evi.run(['settings', 'timeout'], { environment })).stdout).toMatch(/120000 ms +environment/)
  await evi.run(['subscribe', 'E_FLAG', 'rabbitmq:h/q', '--expire', '7d'])
  await evi.run(['subscribe', '--batch', '-'], { input: 'E_LINE rabbitmq:h/q 1h\n' })
  const { subscriptions } = await evi.json<{ subscriptions: unknown[] }>('list')
  expect(subscriptions).toMatchObject([
    { event: 'E_FLAG', expire: 604_800 },
    { event: 'E_LINE', expire: 3600 },
  ])
  expect(await evi.run(['subscribe', 'E_X', 'rabbitmq:h/q', '--expire', '500ms'])).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/a whole number of seconds.*\n.*\n {2}A unit may follow it: 10s/),
  })
})

test.each(['raise', 'check', 'declare', 'bench'])(
  'evi %s takes --timeout for --reply-timeout, and says so',
  async (command) => {
    const socket = ['raise', 'check'].includes(command)
      ? ['-s', 'rabbitmq:127.0.0.1:1/q']
      : ['rabbitmq:127.0.0.1:1/q']
    const words = [command, ...(command === 'raise' ? ['E_X'] : []), ...socket]
    const old = await evi.run([...words, '--timeout', '5s'])
    expect(old).toMatchObject({
      code: 69,
      stderr: expect.stringContaining(
        '--timeout is now called --reply-timeout; the next version does not know --timeout.\n',
      ),
    })
    const renamed = await evi.run([...words, '--reply-timeout=5s'])
    expect(renamed.code).toBe(69)
    expect(renamed.stderr).not.toContain('--timeout is now')
  },
)

test('a damaged settings file is left as it is, exit code 78', async () => {
  const file = join(evi.configDirectory, 'settings.json')
  for (const damage of ['{', '{"version":1}', '{"version":1,"settings":{"timeout":"x"}}']) {
    writeFileSync(file, damage)
    expect(await evi.run(['settings'])).toMatchObject({ code: 78, stderr: expect.stringContaining(file) })
    expect(await evi.run(['settings', 'timeout', '9'])).toMatchObject({ code: 78 })
    expect((await evi.shell(`cat '${file}'`)).stdout).toBe(damage)
  }
})

test('the address of an OpenSIPS is checked, stored and shown without its password', async () => {
  const refused = await evi.run(['settings', 'opensips', 'ftp://u:s3cret@host'])
  expect(refused).toMatchObject({ code: 64, stderr: expect.not.stringContaining('s3cret') })
  const { code, stdout } = await evi.run(['settings', 'opensips', 'http://admin:s3cret@127.0.0.1:1/mi'])
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining('http://admin@127.0.0.1:1/mi'),
  })
  expect((await evi.run(['settings', 'sync_mode', '1'])).code).toBe(0)
  const shown = await evi.run(['settings', '--json'])
  expect(shown.stdout).not.toContain('s3cret')
  expect(JSON.parse(shown.stdout).settings.at(-1)).toEqual({
    name: 'opensips',
    value: 'http://admin@127.0.0.1:1/mi',
    from: 'settings',
  })
  expect((await evi.run(['map'])).code).toBe(69)
  await evi.run(['settings', 'opensips', '--unset'])
  expect((await evi.run(['map'])).code).toBe(0)
})
