import { BaseCommand } from '#lib/cli/base-command.ts'
import { socketsGiven } from '#lib/cli/check/choose-sockets.ts'
import { runCheck } from '#lib/cli/check/run-check.ts'
import { checkFlags } from '#lib/cli/flags/check.ts'
import { eventArgument, settingsFrom } from '#lib/cli/flags/shared/common.ts'
import { withWatchTime } from '#lib/cli/flags/shared/watch.ts'

export default class Check extends BaseCommand<typeof Check> {
  static override description =
    'find out where the wire is cut, without publishing anything\n\n' +
    'Follows the way to each subscriber step by step: host name, TCP, TLS, AMQP, login, vhost, exchange, and the queue ' +
    'or route behind it, up to whether the broker would take a message: one is published in a transaction that is rolled ' +
    'back. Nothing is declared and no queue gets a message, unless --probe asks for it. Without EVENT it checks all subscribers.'
  static override examples = [
    '<%= config.bin %> check',
    '<%= config.bin %> check E_PIKE_BLOCKED --json',
    '<%= config.bin %> check --login --host rmq.example.com --user alice --ask-password',
    '<%= config.bin %> check --opensips http://127.0.0.1:8888/mi --management http://127.0.0.1:15672',
    "<%= config.bin %> check --socket 'rabbitmq:guest:guest@127.0.0.1/amq.topic?sip' --management http://127.0.0.1:15672",
  ]

  static override args = { event: eventArgument() }

  static override flags = checkFlags

  override async init(): Promise<void> {
    this.argv = withWatchTime(this.argv)
    await super.init()
  }

  async run(): Promise<void> {
    const { args, flags, context, out, err } = this
    const settings = await context.settings(settingsFrom(flags))
    const given = await socketsGiven(flags, err)
    if (flags.probe) await this.showContext()
    process.exitCode = await runCheck({ event: args.event, given, flags, settings, context }, out)
  }
}
