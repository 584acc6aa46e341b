import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { checkSubscriptions } from '#lib/cli/check/check-sockets.ts'
import { eventArgument, managementFlag } from '#lib/cli/flags/shared/common.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { withChecks } from '#lib/services/subscriptions/checked-subscriptions.ts'
import { checkedDocument, renderCheckedSubscriptions } from '#lib/views/subscriptions/render-checked.ts'
import {
  renderNoSubscribers,
  renderSubscriptions,
  subscriptionsJson,
} from '#lib/views/subscriptions/render-subscriptions.ts'

export default class List extends BaseCommand<typeof List> {
  static override description = 'list who is subscribed to which event'
  static override examples = [
    '<%= config.bin %> list',
    '<%= config.bin %> list E_PIKE_BLOCKED --json',
    '<%= config.bin %> list --check',
  ]

  static override args = { event: eventArgument() }

  static override flags = {
    check: Flags.boolean({
      description: 'check each subscription, as evi check does, and end with its exit code',
    }),
    management: managementFlag,
  }

  async run(): Promise<void> {
    const { event } = this.args
    const now = new Date()
    const store = await this.context.subscriptions()
    const each = event === undefined ? store.eachLive(now) : store.liveOf(event, now)
    if (this.flags.check) return await this.listChecked([...each], now)
    if (this.flags.json) return await this.printPieces(subscriptionsJson(each, now))
    const subscriptions = [...each]
    if (subscriptions.length > 0) this.out.write(renderSubscriptions(subscriptions, now, this.out.style()))
    else this.err.write(renderNoSubscribers(event))
  }

  private async listChecked(subscriptions: readonly Subscription[], now: Date): Promise<void> {
    const { context } = this
    const settings = await context.settings({})
    const { management } = this.flags
    const report = await checkSubscriptions(subscriptions, { context, settings, management })
    process.exitCode = report.exit
    await this.present(withChecks(subscriptions, report), {
      json: (some) => checkedDocument(some, now),
      text: (some, style) =>
        some.length > 0 ? renderCheckedSubscriptions(some, now, style) : renderNoSubscribers(this.args.event),
      to: subscriptions.length > 0 ? 'out' : 'err',
    })
  }
}
