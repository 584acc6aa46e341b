import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { checkSubscriptions } from '#lib/cli/check/check-sockets.ts'
import { timingOf } from '#lib/cli/context.ts'
import {
  connectionFlags,
  eventArgument,
  managementFlag,
  openSipsFlag,
  renamedReplyTimeoutFlag,
  settingsFrom,
} from '#lib/cli/flags/shared.ts'
import type { Settings } from '#lib/domain/settings.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { exitCodes, gravestExit } from '#lib/exit-codes.ts'
import type { CheckReport } from '#lib/services/check/check.ts'
import { mapWiring, type WiringNode } from '#lib/services/check/wiring-map.ts'
import type { mapOpenSips } from '#lib/services/opensips/map-opensips.ts'
import { type MapFormat, mapFormats, renderMap } from '#lib/views/map/render-map.ts'
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

  static override flags = {
    check: Flags.boolean({ description: 'look at the brokers, as evi check does' }),
    management: managementFlag,
    opensips: openSipsFlag,
    format: Flags.option({
      options: mapFormats,
      description:
        'tree for a terminal, mermaid or dot for a document, svg for a picture, html for a page to look around in',
      default: 'tree' as const,
    })(),
    ...connectionFlags,
    'reply-timeout': renamedReplyTimeoutFlag,
  }

  async run(): Promise<void> {
    const { event } = this.args
    const live = (await this.context.subscriptions()).live(new Date())
    const subscriptions = live.filter((one) => event === undefined || one.event === event)
    const settings = await this.context.settings(settingsFrom(this.flags))
    const openSips = await this.context.openSips(this.flags.opensips, timingOf(settings))
    if (subscriptions.length === 0 && openSips === undefined) this.err.write(renderNoSubscribers(event))
    const looks = this.flags.check || this.flags.management !== undefined
    const own = mapWiring(subscriptions, looks ? await this.look(subscriptions, settings) : undefined)
    const roots = openSips ? await this.drawOpenSips(openSips, subscriptions, own) : own
    const format: MapFormat = this.flags.json ? 'json' : this.flags.format
    if (roots.length > 0 || format !== 'tree')
      this.out[format === 'tree' ? 'write' : 'writeRaw'](await renderMap(roots, format, this.out.style()))
  }

  private async drawOpenSips(
    openSips: Parameters<typeof mapOpenSips>[1],
    subscriptions: readonly Subscription[],
    roots: readonly WiringNode[],
  ): Promise<readonly WiringNode[]> {
    const { mapOpenSips } = await import('#lib/services/opensips/map-opensips.ts')
    const { AskingProgress } = await import('#lib/views/opensips/asking-progress.ts')
    const listener = new AskingProgress()
    const map = await mapOpenSips({ subscriptions, roots, event: this.args.event, listener }, openSips)
    if (map.failure !== undefined) process.exitCode = exitCodes[map.failure]
    return map.roots
  }

  private async look(subscriptions: readonly Subscription[], settings: Settings): Promise<CheckReport> {
    const { management } = this.flags
    const report = await checkSubscriptions(subscriptions, { context: this.context, settings, management })
    // A cut is part of the picture; what could not be looked at is missing from it.
    const steps = report.checks.flatMap((one) => one.steps)
    process.exitCode = gravestExit(steps.flatMap(({ status, code }) => (status === 'unknown' && code) || []))
    return report
  }
}
