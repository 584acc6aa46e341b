import { BaseCommand } from '#lib/cli/base-command.ts'
import { warnOfDoubtfulNames } from '#lib/cli/doubtful-names.ts'
import { eventArgument, textArgument } from '#lib/cli/flags/shared/common.ts'
import { subscribeFlags } from '#lib/cli/flags/subscribe.ts'
import { checkFirst } from '#lib/cli/subscribe/check-first.ts'
import { isOpen, socketToSubscribe } from '#lib/cli/subscribe/socket-to-subscribe.ts'
import { EviError } from '#lib/errors.ts'
import { subscribe } from '#lib/services/subscriptions/subscribe.ts'
import { canAsk } from '#lib/terminal/can-ask.ts'
import { refusedView } from '#lib/views/subscriptions/render-refused.ts'
import { subscribedView } from '#lib/views/subscriptions/render-subscriptions.ts'

export default class Subscribe extends BaseCommand<typeof Subscribe> {
  static override description =
    'add a subscriber to an event, or renew it\n\nA socket without a password keeps the one that is stored for the same subscriber. Without a socket it is asked for, on a terminal.'
  static override examples = [
    '<%= config.bin %> subscribe E_PIKE_BLOCKED rabbitmq:guest:guest@127.0.0.1:5672/pike',
    '<%= config.bin %> subscribe E_SIP_MESSAGE rabbitmq:rmq.example.com/sip?messages --expire 3600',
    '<%= config.bin %> subscribe --batch subscriptions.txt',
    '<%= config.bin %> subscribe E_PIKE_BLOCKED --host ::1 --user alice --password-file ~/.pw --routing-key pike',
  ]

  static override args = {
    event: eventArgument(),
    socket: textArgument({
      description: 'where the event goes: rabbitmq:user:password@host:port/[exchange?]routing_key',
    }),
  }

  static override flags = subscribeFlags

  async run(): Promise<void> {
    const { args, flags, context, err } = this
    if (flags.batch !== undefined) return await this.subscribeBatch(flags.batch)
    const { event } = args
    if (event === undefined)
      throw new EviError('usage', 'The event is missing.', { hint: 'See: evi subscribe --help' })
    if (isOpen(args.socket, flags) && canAsk()) {
      const { default: Setup } = await import('./setup.ts')
      return await Setup.run(this.argv, this.config)
    }
    const socket = await socketToSubscribe(args.socket, flags)
    await warnOfDoubtfulNames({ events: [event], sockets: [socket] }, err)
    if (flags.check) {
      const report = await checkFirst({ event, socket, json: flags.json, context, err })
      if (report.failed > 0) return await this.presentReport(report, refusedView(event))
    }
    const now = new Date()
    const wanted = { event, socket, expire: flags.expire ?? null, now }
    await this.present(await subscribe(wanted, await context.subscriptions()), subscribedView(now))
  }

  private async subscribeBatch(file: string): Promise<void> {
    const { args, flags, context, err } = this
    const { subscribeBatch } = await import('#lib/cli/subscribe/subscribe-batch.ts')
    const { batchView } = await import('#lib/views/subscriptions/render-batch.ts')
    await this.present(await subscribeBatch({ file, ...args, flags, context, err }), batchView)
  }
}
