import {
  isInRange,
  type SettingName,
  type SettingStore,
  type Settings,
  settingNames,
} from '#lib/domain/settings.ts'
import { ConfigFile, type Document, type StorageListener } from './config-file.ts'

/** The persisted settings, in `settings.json` (docs/settings.md). */
export class SettingsStore implements SettingStore {
  readonly #file: ConfigFile

  constructor(directory: string, listener?: StorageListener) {
    this.#file = new ConfigFile(directory, 'settings', { listener })
  }

  /** What is set. @throws EviError `damaged`, also for a value out of its range */
  read(): Partial<Settings> {
    return this.#decode(this.#file.read())
  }

  /** Sets a value, or takes it out with undefined. @throws EviError `damaged`, `cannot-write`, `busy` */
  async set(name: SettingName, value: number | undefined): Promise<void> {
    await this.#file.update((document) => {
      const { [name]: _, ...others } = this.#decode(document)
      return {
        next: { settings: value === undefined ? others : { ...others, [name]: value } },
        result: undefined,
      }
    })
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
