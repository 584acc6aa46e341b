import { type AddressName, isAddressName } from '#lib/domain/address-settings.ts'
import { settingRules } from '#lib/domain/settings.ts'
import type { SettingInForce } from '#lib/services/settings/settings.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { renderTable } from '#lib/text/layout/table.ts'

/** The settings as a table, with what each means. */
export function renderSettings(settings: readonly SettingInForce[], style: Style): string {
  const rows = settings.map(({ name, value, from }) => [
    name,
    visibleLine(`${value}${unitOf(name)}`),
    from,
    style.faint(isAddressName(name) ? meanings[name] : settingRules[name].meaning),
  ])
  return renderTable([['SETTING', 'VALUE', 'FROM', 'MEANING'].map(style.strong), ...rows])
}

const meanings: Readonly<Record<AddressName, string>> = {
  management: "RabbitMQ's management API: auto, off or a URL",
  opensips: 'Management Interface of an OpenSIPS, for check, map and import',
}

function unitOf(name: SettingInForce['name']): string {
  if (isAddressName(name)) return ''
  const { unit } = settingRules[name]
  if (unit === undefined) return ''
  return unit === 'seconds' ? ' s' : ' ms'
}
