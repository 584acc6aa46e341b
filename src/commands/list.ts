import { BaseCommand } from '#lib/cli/base-command.ts'
import { eventArgument } from '#lib/cli/flags/shared.ts'
import {
  renderNoSubscribers,
  renderSubscriptions,
  subscriptionDocument,
} from '#lib/views/subscriptions/render-subscriptions.ts'

export default class List extends BaseCommand<typeof List> {
  static override description = 'list who is subscribed to which event'
  static override examples = ['<%= config.bin %> list', '<%= config.bin %> list E_PIKE_BLOCKED --json']

  static override args = { event: eventArgument() }

  async run(): Promise<void> {
    const { event } = this.args
    const now = new Date()
    const store = await this.context.subscriptions()
    const subscriptions = event === undefined ? store.live(now) : store.liveOf(event, now)
    await this.present(subscriptions, {
      json: () => ({ subscriptions: subscriptions.map((one) => subscriptionDocument(one, now)) }),
      text: (some, style) =>
        some.length > 0 ? renderSubscriptions(some, now, style) : renderNoSubscribers(event),
      to: subscriptions.length > 0 ? 'out' : 'err',
    })
  }
}
