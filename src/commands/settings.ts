import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { textArgument } from '#lib/cli/flags/shared.ts'
import { addressRules } from '#lib/domain/address-rules.ts'
import {
  type AddressName,
  addressNames,
  isAddressName,
  resolveAddress,
} from '#lib/domain/address-settings.ts'
import {
  checkSettingName,
  readSetting,
  resolveSetting,
  type SettingName,
  settingNames,
} from '#lib/domain/settings.ts'
import { EviError } from '#lib/errors.ts'
import { renderSettings, type ShownSetting } from '#lib/views/subscriptions/render-settings.ts'

export default class Settings extends BaseCommand<typeof Settings> {
  static override description =
    'show or change the settings\n\nA flag goes before an EVI_... variable, that before a setting, that before the default.'
  static override examples = [
    '<%= config.bin %> settings',
    '<%= config.bin %> settings sync_mode 1',
    '<%= config.bin %> settings sync_mode --unset',
    '<%= config.bin %> settings opensips http://127.0.0.1:8888/mi',
    '<%= config.bin %> settings management off',
  ]

  static override args = {
    name: textArgument({ description: [...settingNames, ...addressNames].join(', ') }),
    value: textArgument({ description: 'new value' }),
  }

  static override flags = {
    unset: Flags.boolean({ description: 'go back to the default' }),
  }

  async run(): Promise<void> {
    const { name, value } = this.args
    const { unset } = this.flags
    if (unset && (name === undefined || value !== undefined)) {
      throw new EviError('usage', '--unset goes with the NAME of a setting and no VALUE.')
    }
    if (name !== undefined && isAddressName(name)) return await this.address(name)
    const chosen = name === undefined ? undefined : await checkSettingName(name)
    if (chosen !== undefined && (unset || value !== undefined)) {
      const next = value === undefined ? undefined : readSetting(chosen, value)
      await (await this.context.storedSettings()).set(chosen, next)
    }
    await this.show(chosen)
  }

  /** An address is checked before it is stored, and shown without its password. */
  private async address(name: AddressName): Promise<void> {
    const { value } = this.args
    if (value !== undefined) addressRules[name].print(value, name)
    if (value !== undefined || this.flags.unset)
      await (await this.context.storedSettings()).setAddress(name, value)
    await this.present([await this.addressRow(name)], {
      json: (rows) => ({ settings: rows }),
      text: renderSettings,
    })
  }

  private async addressRow(name: AddressName): Promise<ShownSetting> {
    const { environment } = this.context
    const stored = (await this.context.storedSettings()).addresses()
    const { text, from } = resolveAddress(name, { environment, stored: () => stored })
    const rule = addressRules[name]
    return { name, value: text === undefined ? rule.default : rule.print(text, name), from }
  }

  private async show(chosen: SettingName | undefined): Promise<void> {
    const { environment } = this.context
    const stored = (await this.context.storedSettings()).read()
    const names = chosen === undefined ? settingNames : [chosen]
    const numbers = names.map((name) => ({
      name,
      ...resolveSetting(name, { flags: {}, environment, stored }),
    }))
    const addresses = chosen === undefined ? addressNames.map((name) => this.addressRow(name)) : []
    const rows: readonly ShownSetting[] = [...numbers, ...(await Promise.all(addresses))]
    await this.present(rows, { json: () => ({ settings: rows }), text: renderSettings })
  }
}
