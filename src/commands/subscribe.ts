import { BaseCommand } from '#lib/cli/base-command.ts'
import { warnOfDoubtfulNames } from '#lib/cli/doubtful-names.ts'
import { eventArgument, textArgument } from '#lib/cli/flags/shared.ts'
import { subscribeFlags } from '#lib/cli/flags/subscribe.ts'
import { checkFirst } from '#lib/cli/subscribe/check-first.ts'
import { isOpen, socketToSubscribe } from '#lib/cli/subscribe/socket-to-subscribe.ts'
import { StoredPasswords } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import type { CheckReport } from '#lib/services/check/check.ts'
import { subscribe } from '#lib/services/subscriptions/subscribe.ts'
import { canAsk } from '#lib/terminal/prompts/prompts.ts'
import { checkDocument } from '#lib/views/check/render-check.ts'
import { renderSubscribed, subscriptionDocument } from '#lib/views/subscriptions/render-subscriptions.ts'

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
    if (isOpen(args.socket, flags) && canAsk()) return await this.config.runCommand('setup', this.argv)
    const now = new Date()
    const socket = await socketToSubscribe(args.socket, flags)
    await warnOfDoubtfulNames({ event }, err)
    const store = await context.subscriptions()
    if (flags.check) {
      const whole = new StoredPasswords(store.live(now)).complete(socket, event)
      const report = await checkFirst({ event, socket: whole, json: flags.json, context, err })
      if (report.failed > 0) return await this.refuse(report, event)
    }
    const { subscription, renewed } = await subscribe(
      { event, socket, expire: flags.expire ?? null, now },
      store,
    )
    await this.present(subscription, {
      json: () => ({ subscription: subscriptionDocument(subscription, now), renewed }),
      text: (_, style) => renderSubscribed(subscription, renewed, style),
    })
  }

  /** With the exit code of the cut. */
  private async refuse(report: CheckReport, event: string): Promise<void> {
    process.exitCode = report.exit
    const json = () => checkDocument(report, () => [event])
    await this.present(report, { json, text: () => 'Nothing was stored.\n', to: 'err' })
  }

  private async subscribeBatch(file: string): Promise<void> {
    const { args, flags, context, err } = this
    const { subscribeBatch } = await import('#lib/cli/subscribe/subscribe-batch.ts')
    const { batchView } = await import('#lib/views/subscriptions/render-batch.ts')
    await this.present(await subscribeBatch({ file, ...args, flags, context, err }), batchView)
  }
}
