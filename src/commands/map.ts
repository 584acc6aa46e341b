import { BaseCommand } from '#lib/cli/base-command.ts'
import { mapFlags } from '#lib/cli/flags/map.ts'
import { eventArgument, settingsFrom } from '#lib/cli/flags/shared/common.ts'
import { drawMap } from '#lib/cli/map/draw-map.ts'
import { mapDocument, renderMap } from '#lib/views/map/render-map.ts'
import { renderNoSubscribers } from '#lib/views/subscriptions/render-subscriptions.ts'

export default class WiringMap extends BaseCommand<typeof WiringMap> {
  static override description =
    'draw the wiring: events, sockets, brokers, exchanges, bindings, queues, consumers\n\n' +
    'From the store alone, or with --check as it is on the brokers now, cuts marked; with --management the bindings, ' +
    'too; with --opensips from OpenSIPS on, with what only OpenSIPS has and what only evi has. Nothing is published or declared.'
  static override examples = [
    '<%= config.bin %> map --check',
    '<%= config.bin %> map E_PIKE_BLOCKED --management http://127.0.0.1:15672',
    '<%= config.bin %> map --opensips http://127.0.0.1:8888/mi',
    '<%= config.bin %> map --check --format html > wiring.html',
    '<%= config.bin %> map --check --format svg > wiring.svg',
  ]

  static override args = { event: eventArgument() }

  static override flags = mapFlags

  async run(): Promise<void> {
    const { flags, context } = this
    const { event } = this.args
    const settings = await context.settings(settingsFrom(flags))
    const { roots, exit, isEmpty } = await drawMap({ event, flags, settings, context })
    process.exitCode = exit
    if (isEmpty) this.err.write(renderNoSubscribers(event))
    await this.present(roots, {
      json: mapDocument,
      text: (drawn, style) => renderMap(drawn, flags.format, style),
      raw: flags.format !== 'tree',
    })
  }
}
