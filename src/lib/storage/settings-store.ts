import {
  type Addresses,
  type AddressName,
  type AddressStore,
  addressNames,
} from '#lib/domain/address-settings.ts'
import {
  isInRange,
  type SettingName,
  type SettingStore,
  type Settings,
  settingNames,
} from '#lib/domain/settings.ts'
import { ConfigFile, type Document, type StorageListener } from './config-file.ts'

/** The persisted settings, in `settings.json` (docs/settings.md). */
export class ConfSettingsStore implements SettingStore, AddressStore {
  readonly #file: ConfigFile

  constructor(directory: string, listener?: StorageListener) {
    this.#file = new ConfigFile(directory, 'settings', { listener })
  }

  /** What is set. @throws EviError `damaged`, also for a value out of its range */
  read(): Partial<Settings> {
    return this.#decode(this.#file.read())
  }

  async set(name: SettingName, value: number | undefined): Promise<void> {
    await this.#put(name, value)
  }

  addresses(): Addresses {
    const stored = this.read() as Readonly<Record<string, unknown>>
    const set = addressNames.filter((name) => stored[name] !== undefined)
    return Object.fromEntries(set.map((name) => [name, this.#addressIn(name, stored[name])]))
  }

  async setAddress(name: AddressName, value: string | undefined): Promise<void> {
    await this.#put(name, value)
  }

  async #put(name: SettingName | AddressName, value: number | string | undefined): Promise<void> {
    await this.#file.update((document) => {
      const { [name]: _, ...others } = this.#decode(document) as Readonly<Record<string, unknown>>
      return {
        next: { settings: value === undefined ? others : { ...others, [name]: value } },
        result: undefined,
      }
    })
  }

  #addressIn(name: AddressName, value: unknown): string {
    if (typeof value === 'string') return value
    throw this.#file.damaged(`has no sensible "${name}"`)
  }

  async setAll(values: Partial<Settings>): Promise<void> {
    await this.#file.update((document) => ({
      next: { settings: { ...this.#decode(document), ...values } },
      result: undefined,
    }))
  }

  #decode(document: Document | undefined): Partial<Settings> {
    if (document === undefined) return {}
    const { settings } = document
    if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
      throw this.#file.damaged('has no "settings"')
    for (const name of settingNames) {
      const value = (settings as Document)[name]
      if (value !== undefined && !isInRange(name, value))
        throw this.#file.damaged(`has no sensible "${name}"`)
    }
    return settings as Partial<Settings>
  }
}
