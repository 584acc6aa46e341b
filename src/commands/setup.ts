import { BaseCommand } from '#lib/cli/base-command.ts'
import { eventArgument, expireFlag, managementFlag, openSipsFlag } from '#lib/cli/flags/shared/common.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { setupPorts } from '#lib/cli/setup/setup-ports.ts'
import { watchSandbox } from '#lib/cli/setup/watch-sandbox.ts'
import { WizardSandbox } from '#lib/cli/setup/wizard-sandbox.ts'
import { EviError } from '#lib/errors.ts'
import { configLine, setupCommands } from '#lib/services/setup/commands.ts'
import { askForSetup, storeSetup } from '#lib/services/setup/setup.ts'
import { renderConfigLine, renderSetupCommands, renderSetupStart } from '#lib/views/setup/render-setup.ts'
import { renderSubscribed } from '#lib/views/subscriptions/render-subscriptions.ts'

export default class Setup extends BaseCommand<typeof Setup> {
  // For `evi subscribe`, which runs it too.
  static override id = 'setup'
  static override description =
    'the way from a broker to the first event seen, question by question\n\n' +
    'Each answer is checked live. A test event is raised and seen to arrive, the subscription stored, and the ' +
    'commands printed that do the same without questions. A sandbox runs until Ctrl-C and takes its subscription along.'
  static override examples = ['<%= config.bin %> setup', '<%= config.bin %> setup E_PIKE_BLOCKED']

  static override args = { event: eventArgument({}) }
  static override flags = { expire: expireFlag, management: managementFlag, opensips: openSipsFlag }

  async run(): Promise<void> {
    const { args, flags, context, out, err } = this
    if (!this.mayAsk) throw noTerminal(args.event)
    await this.showContext()
    const style = err.style()
    const sandbox = new WizardSandbox()
    const ports = await setupPorts({ flags, context, sandbox, style })
    err.write(renderSetupStart(ports.questions.backKey, style))
    try {
      const draft = await askForSetup({ event: args.event, expire: flags.expire }, ports)
      // From here on, what is begun is brought to its end.
      const interrupted = takeInterrupts()
      const { subscription, renewed } = await storeSetup(draft, ports)
      err.write(`${renderSubscribed(subscription, renewed, style)}\nThe same without questions:\n\n`)
      out.writeRaw(renderSetupCommands(setupCommands(draft), out.style()))
      const line = configLine(draft)
      if (line !== undefined) err.write(renderConfigLine(line))
      if (sandbox.running) await watchSandbox(draft, { interrupted, sandbox, ports, out, err })
    } finally {
      await sandbox.stop()
    }
  }
}

function noTerminal(event = 'EVENT'): EviError {
  return new EviError('usage', 'evi setup asks questions, and there is no terminal to answer them on.', {
    hint: `Without questions: evi subscribe ${event} rabbitmq:user@host:5672/routing_key --password-file FILE`,
  })
}
