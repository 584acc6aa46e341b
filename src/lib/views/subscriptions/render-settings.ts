import { type SettingName, settingRules } from '#lib/domain/settings.ts'
import type { Style } from '#lib/terminal/style.ts'
import { renderTable } from '#lib/text/table.ts'

/** A setting in force, and where it comes from. */
interface ShownSetting {
  readonly name: SettingName
  readonly value: unknown
  readonly from: string
}

export function renderSettings(settings: readonly ShownSetting[], style: Style): string {
  const rows = settings.map(({ name, value, from }) => [
    name,
    `${value}${unitOf(name)}`,
    from,
    style.faint(settingRules[name].meaning),
  ])
  return renderTable([['SETTING', 'VALUE', 'FROM', 'MEANING'].map(style.strong), ...rows])
}

function unitOf(name: SettingName): string {
  const { unit } = settingRules[name]
  if (unit === undefined) return ''
  return unit === 'seconds' ? ' s' : ' ms'
}
