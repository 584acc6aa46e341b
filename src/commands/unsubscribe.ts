import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { eventArgument, quietFlag, textArgument } from '#lib/cli/flags/shared/common.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { EviError } from '#lib/errors.ts'
import { type Target, unsubscribe } from '#lib/services/subscriptions/unsubscribe.ts'
import { askForSubscriber } from '#lib/terminal/prompts/prompts.ts'
import { renderUnsubscribed, subscriptionDocument } from '#lib/views/subscriptions/render-subscriptions.ts'

export default class Unsubscribe extends BaseCommand<typeof Unsubscribe> {
  static override description =
    'remove a subscriber of an event\n\nWithout SOCKET it removes the only one; with several it asks on a terminal.'
  static override examples = [
    '<%= config.bin %> unsubscribe E_PIKE_BLOCKED',
    '<%= config.bin %> unsubscribe E_PIKE_BLOCKED rabbitmq:guest@127.0.0.1:5672/pike',
    '<%= config.bin %> unsubscribe E_PIKE_BLOCKED --all',
  ]

  static override args = {
    event: eventArgument({ required: true }),
    socket: textArgument({ description: 'the subscriber, as evi list prints it' }),
  }

  static override flags = {
    quiet: quietFlag,
    all: Flags.boolean({ description: 'remove all subscribers of the event' }),
  }

  async run(): Promise<void> {
    const { event, socket } = this.args
    if (socket !== undefined && this.flags.all)
      throw new EviError('usage', 'SOCKET cannot be used with --all.')
    const now = new Date()
    const store = await this.context.subscriptions()
    const target = socket === undefined ? await this.chooseTarget() : { socket: parseSocket(socket) }
    const removed = await unsubscribe({ event, target, now }, store)
    await this.present(removed, {
      json: () => ({ removed: removed.map((one) => subscriptionDocument(one, now)) }),
      text: renderUnsubscribed,
    })
  }

  private async chooseTarget(): Promise<Target> {
    if (this.flags.all) return 'all'
    const live = (await this.context.subscriptions()).liveOf(this.args.event, new Date())
    const sockets = live.map((subscription) => subscription.socket)
    return sockets.length > 1 && this.mayAsk ? await askForSubscriber(this.args.event, sockets) : 'only'
  }
}
