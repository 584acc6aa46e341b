import { addressRules } from '#lib/domain/address-rules.ts'
import {
  type AddressName,
  type AddressStore,
  addressNames,
  isAddressName,
  resolveAddress,
} from '#lib/domain/address-settings.ts'
import {
  readSetting,
  resolveSetting,
  type SettingName,
  type SettingStore,
  settingNames,
} from '#lib/domain/settings.ts'

/** A setting in force, and where it comes from. */
export interface SettingInForce {
  readonly name: SettingName | AddressName
  /** An address is without its login. */
  readonly value: number | string
  readonly from: string
}

interface Sources {
  readonly store: SettingStore & AddressStore
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * The setting of this name, or all of them (docs/settings.md).
 *
 * @throws EviError `usage` for a variable that has no sensible value, `damaged`
 */
export function settingsInForce(
  name: SettingInForce['name'] | undefined,
  sources: Sources,
): readonly SettingInForce[] {
  const names = name === undefined ? [...settingNames, ...addressNames] : [name]
  return names.map((one) => (isAddressName(one) ? addressInForce(one, sources) : numberInForce(one, sources)))
}

function numberInForce(name: SettingName, { store, environment }: Sources): SettingInForce {
  return { name, ...resolveSetting(name, { flags: {}, environment, stored: store.read() }) }
}

function addressInForce(name: AddressName, { store, environment }: Sources): SettingInForce {
  const { text, from } = resolveAddress(name, { environment, stored: () => store.addresses() })
  const rule = addressRules[name]
  return { name, value: text === undefined ? rule.default : rule.print(text, name), from }
}

/**
 * Stores a setting, checked before it is.
 *
 * @param value undefined goes back to the default
 * @throws EviError `usage` for a value that it cannot have, `damaged`, `cannot-write`, `busy`
 */
export async function changeSetting(
  name: SettingInForce['name'],
  value: string | undefined,
  store: Sources['store'],
): Promise<void> {
  if (!isAddressName(name))
    return await store.set(name, value === undefined ? undefined : readSetting(name, value))
  if (value !== undefined) addressRules[name].print(value, name)
  await store.setAddress(name, value)
}
