import { BaseCommand } from '#lib/cli/base-command.ts'
import { runDeclare } from '#lib/cli/declare/run-declare.ts'
import { declareFlags } from '#lib/cli/flags/declare.ts'
import { textArgument } from '#lib/cli/flags/shared/common.ts'
import { declareFailuresView, declareView } from '#lib/views/declare/render-declare.ts'

export default class Declare extends BaseCommand<typeof Declare> {
  static override description =
    'declare the queue that a socket leads to, where it is missing\n\n' +
    "On the default exchange that is the queue of the routing key's name; on a named exchange a queue and its binding. " +
    'Looks first, shows what is missing, and asks; where there is no terminal it wants --yes. What it makes is durable; ' +
    'what exists is left as it is. It needs only the login of the socket; a password that is not given is the stored one.'
  static override examples = [
    '<%= config.bin %> declare rabbitmq:guest@127.0.0.1/pike',
    '<%= config.bin %> declare rabbitmq:guest@127.0.0.1/pike --type quorum --yes',
    "<%= config.bin %> declare 'rabbitmq:guest@127.0.0.1/amq.topic?sip.pike' --queue pike",
    '<%= config.bin %> declare E_PIKE_BLOCKED',
  ]

  static override usage = 'declare SOCKET|EVENT [FLAGS]'
  static override args = {
    socket: textArgument({
      description: 'socket, as evi list prints it; or an event, for all its subscribers',
      required: true,
    }),
  }

  static override flags = declareFlags

  async run(): Promise<void> {
    const { flags, context, err } = this
    const report = await runDeclare({ argument: this.args.socket, flags, context, err })
    await this.presentReport(report, flags.quiet ? declareFailuresView : declareView)
  }
}
