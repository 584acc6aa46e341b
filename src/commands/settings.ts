import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { textArgument } from '#lib/cli/flags/shared.ts'
import {
  checkSettingName,
  readSetting,
  resolveSetting,
  type SettingName,
  settingNames,
} from '#lib/domain/settings.ts'
import { EviError } from '#lib/errors.ts'
import { renderSettings } from '#lib/views/subscriptions/render-settings.ts'

export default class Settings extends BaseCommand<typeof Settings> {
  static override description =
    'show or change the settings\n\nA flag goes before an EVI_… variable, that before a setting, that before the default.'
  static override examples = [
    '<%= config.bin %> settings',
    '<%= config.bin %> settings sync_mode 1',
    '<%= config.bin %> settings sync_mode --unset',
  ]

  static override args = {
    name: textArgument({ description: settingNames.join(', ') }),
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
    const chosen = name === undefined ? undefined : await checkSettingName(name)
    if (chosen !== undefined && (unset || value !== undefined)) {
      const next = value === undefined ? undefined : readSetting(chosen, value)
      await (await this.context.storedSettings()).set(chosen, next)
    }
    await this.show(chosen)
  }

  private async show(chosen: SettingName | undefined): Promise<void> {
    const { environment } = this.context
    const stored = (await this.context.storedSettings()).read()
    const names = chosen === undefined ? settingNames : [chosen]
    const rows = names.map((name) => ({ name, ...resolveSetting(name, { flags: {}, environment, stored }) }))
    await this.present(rows, { json: () => ({ settings: rows }), text: renderSettings })
  }
}
