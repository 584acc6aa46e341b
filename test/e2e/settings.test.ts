import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Evi } from '../helpers/evi.ts'

let evi: Evi
beforeEach(() => {
  evi = new Evi()
})
afterEach(() => evi.dispose())

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
  ])
})

test.each([
  [['settings', 'nonsense'], {}],
  [['settings', 'sync_mode', '2'], {}],
  [['settings', 'heartbeat', '65536'], {}],
  [['settings', 'timeout', 'soon'], {}],
  [['settings', 'connect_timeout', '--', '-1'], {}],
  [['settings', '--unset'], {}],
  [['raise', 'E_X', '--timeout', '0'], {}],
  [['raise', 'E_X'], { EVI_TIMEOUT: 'abc' }],
])('%j with %j is wrong usage', async (words, environment) => {
  const { code, stderr } = await evi.run(words, { environment })
  expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringMatching(/^evi: [^\n]+\.\n/) })
})

test('a damaged settings file is left as it is, exit code 78', async () => {
  const file = join(evi.configDirectory, 'settings.json')
  for (const damage of ['{', '{"version":1}', '{"version":1,"settings":{"timeout":"x"}}']) {
    writeFileSync(file, damage)
    expect(await evi.run(['settings'])).toMatchObject({ code: 78, stderr: expect.stringContaining(file) })
    expect(await evi.run(['settings', 'timeout', '9'])).toMatchObject({ code: 78 })
    expect((await evi.shell(`cat '${file}'`)).stdout).toBe(damage)
  }
})
