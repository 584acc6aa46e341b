import { BaseCommand } from '#lib/cli/base-command.ts'
import { timingOf } from '#lib/cli/context.ts'
import { changePasswordFlags } from '#lib/cli/flags/password.ts'
import { eventArgument, settingsFrom } from '#lib/cli/flags/shared/common.ts'
import { givenPassword } from '#lib/cli/flags/shared/socket.ts'
import type { Password as GivenPassword } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { changePassword, subscriptionsWithPassword } from '#lib/services/subscriptions/change-password.ts'
import { askForPassword } from '#lib/terminal/prompts/prompts.ts'
import { WaitingLine } from '#lib/terminal/waiting-line.ts'
import {
  passwordDocument,
  renderPasswordChange,
  renderPasswordPlan,
} from '#lib/views/subscriptions/render-password.ts'
import { brokersWaitedFor } from '#lib/views/waited-for.ts'

export default class Password extends BaseCommand<typeof Password> {
  static override description =
    'give stored subscriptions a new password\n\n' +
    'It is for all subscriptions that fit the event, the host and the user. Each login is tried with it first; where ' +
    'one does not work, nothing is changed. All are changed in one write.'
  static override examples = [
    '<%= config.bin %> password --user alice',
    '<%= config.bin %> password --host rmq.example.com --user alice --password-file ~/.pw',
    '<%= config.bin %> password E_PIKE_BLOCKED --password-env RABBITMQ_PASSWORD',
  ]

  static override args = { event: eventArgument() }

  static override flags = changePasswordFlags

  async run(): Promise<void> {
    const { event } = this.args
    const { host, user, check } = this.flags
    if (!check && event === undefined && host === undefined && user === undefined)
      throw new EviError('usage', 'Without a check it must be said whose password it is.', {
        hint: 'Name the EVENT, the --host or the --user.',
      })
    const now = new Date()
    const store = await this.context.subscriptions()
    const subscriptions = subscriptionsWithPassword(store.live(now), { event, host, user })
    const timing = timingOf(await this.context.settings(settingsFrom(this.flags)))
    const password = await this.newPassword(subscriptions)
    const broker = await this.context.broker()
    using waiting = new WaitingLine(this.flags)
    const sockets = subscriptions.map(({ socket }) => socket)
    if (check) waiting.start(() => brokersWaitedFor(sockets, timing.replyTimeout))
    const change = await changePassword({ subscriptions, password, check, timing }, { broker, store, now })
    waiting.stop()
    await this.presentReport(change, { json: passwordDocument, text: renderPasswordChange })
  }

  private async newPassword(subscriptions: readonly Subscription[]): Promise<GivenPassword> {
    if (this.mayAsk) this.err.write(renderPasswordPlan(subscriptions))
    return (await givenPassword(this.flags)) ?? (await askForPassword())
  }
}
