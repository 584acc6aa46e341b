import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { textArgument } from '#lib/cli/flags/shared/common.ts'
import { addressNames, isAddressName } from '#lib/domain/address-settings.ts'
import { checkSettingName, settingNames } from '#lib/domain/settings.ts'
import { EviError } from '#lib/errors.ts'
import { changeSetting, settingsInForce } from '#lib/services/settings/settings.ts'
import { renderSettings } from '#lib/views/settings/render-settings.ts'

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
    if (unset && (name === undefined || value !== undefined))
      throw new EviError('usage', '--unset goes with the NAME of a setting and no VALUE.')
    const chosen = name === undefined || isAddressName(name) ? name : await checkSettingName(name)
    const store = await this.context.storedSettings()
    if (chosen !== undefined && (unset || value !== undefined)) await changeSetting(chosen, value, store)
    const rows = settingsInForce(chosen, { store, environment: this.context.environment })
    await this.present(rows, { json: (settings) => ({ settings }), text: renderSettings })
  }
}
