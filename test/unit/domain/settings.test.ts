import { describe, expect, test } from 'vitest'
import { addressNames } from '#lib/domain/address-settings.ts'
import {
  checkSettingName,
  isInRange,
  readSetting,
  resolveSetting,
  resolveSettings,
  settingNames,
  settingRules,
  variableOf,
} from '#lib/domain/settings.ts'

const nothing = { flags: {}, environment: {}, stored: {} }

describe.each(settingNames)('%s', (name) => {
  const { minimum, maximum, unit, default: standard } = settingRules[name]

  test('has a default in its range', () => {
    expect(isInRange(name, standard)).toBe(true)
  })

  test('has a variable, whose bad value is blamed on it with the range', () => {
    const environment = { [variableOf(name)]: '-1' }
    expect(() => resolveSettings({ ...nothing, environment })).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `${variableOf(name)} is "-1", not a whole number${unit ? ` of ${unit}` : ''} from ${minimum} to ${maximum}.`,
        hint: expect.stringContaining(name),
      }),
    )
  })

  test('takes 0 and its least value from a flag, a variable or the file', () => {
    for (const sources of [
      { ...nothing, flags: { [name]: minimum } },
      { ...nothing, environment: { [variableOf(name)]: String(minimum) } },
      { ...nothing, stored: { [name]: minimum } },
    ])
      expect(resolveSetting(name, sources).value).toBe(minimum)
  })

  test.each([
    minimum - 1,
    maximum + 1,
    minimum + 0.5,
    Number.NaN,
    Infinity,
    String(minimum),
    true,
    null,
    undefined,
  ])('is never %s', (value) => {
    expect(isInRange(name, value)).toBe(false)
  })
})

test('a bad variable does no harm where a flag decides', () => {
  const sources = { ...nothing, flags: { timeout: 7 }, environment: { EVI_TIMEOUT: 'x' } }
  expect(resolveSetting('timeout', sources)).toEqual({ value: 7, from: 'flag' })
})

test("variables bear the manual's names in capitals", () => {
  expect(settingNames.map(variableOf)).toEqual([
    'EVI_HEARTBEAT',
    'EVI_SYNC_MODE',
    'EVI_CONNECT_TIMEOUT',
    'EVI_TIMEOUT',
    'EVI_MAX_MESSAGE',
  ])
})

test('a value that is refused is blamed on the setting where nothing else is named', () => {
  expect(() => readSetting('sync_mode', '2')).toThrow('sync_mode is "2", not a whole number from 0 to 1.')
})

const all = `The settings are ${[...settingNames, ...addressNames].join(', ')}.`

test.each([
  ['', all],
  ['__proto__', all],
  ['constructor', all],
  ['hasOwnProperty', all],
  ['Timeout', 'Did you mean timeout?'],
  ['sync-mode', 'Did you mean sync_mode?'],
  ['heartbet', 'Did you mean heartbeat?'],
])('there is no setting %j', async (name, hint) => {
  await expect(checkSettingName(name)).rejects.toMatchObject({ code: 'usage', hint })
})
