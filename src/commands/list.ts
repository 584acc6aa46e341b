import { BaseCommand } from '#lib/cli/base-command.ts'
import { eventArgument } from '#lib/cli/flags/shared.ts'
import {
  renderNoSubscribers,
  renderSubscriptions,
  subscriptionsJson,
} from '#lib/views/subscriptions/render-subscriptions.ts'

export default class List extends BaseCommand<typeof List> {
  static override description = 'list who is subscribed to which event'
  static override examples = ['<%= config.bin %> list', '<%= config.bin %> list E_PIKE_BLOCKED --json']

  static override args = { event: eventArgument() }

  async run(): Promise<void> {
    const { event } = this.args
    const now = new Date()
    const store = await this.context.subscriptions()
    const each = event === undefined ? store.eachLive(now) : store.liveOf(event, now)
    if (this.flags.json) return await this.printPieces(subscriptionsJson(each, now))
    const subscriptions = [...each]
    const style = await this.out.style()
    if (subscriptions.length > 0) this.out.write(renderSubscriptions(subscriptions, now, style))
    else this.err.write(renderNoSubscribers(event))
  }
}
