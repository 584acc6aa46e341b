import { BaseCommand } from '#lib/cli/base-command.ts'
import { timingOf } from '#lib/cli/context.ts'
import { eventArgument, expireFlag, managementFlag, openSipsFlag } from '#lib/cli/flags/shared.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { WizardSandbox } from '#lib/cli/setup-sandbox.ts'
import { EviError } from '#lib/errors.ts'
import { configLine, setupCommands } from '#lib/services/setup/commands.ts'
import type { Draft, SetupPorts } from '#lib/services/setup/ports.ts'
import { askForSetup, storeSetup } from '#lib/services/setup/setup.ts'
import { unsubscribe } from '#lib/services/subscriptions/unsubscribe.ts'
import { tail } from '#lib/services/tail/tail.ts'
import { TailSession } from '#lib/services/tail/tail-session.ts'
import { canAsk } from '#lib/terminal/prompts/prompts.ts'
import { TerminalQuestions } from '#lib/terminal/prompts/setup-prompts.ts'
import type { Style } from '#lib/terminal/style.ts'
import { renderConfigLine, renderSetupCommands, renderSetupStart } from '#lib/views/setup/render-setup.ts'
import { renderSubscribed } from '#lib/views/subscriptions/render-subscriptions.ts'
import { textRenderer } from '#lib/views/tail/render-message.ts'
import { SourceLabels } from '#lib/views/tail/source-labels.ts'
import { TailDisplay } from '#lib/views/tail/tail-display.ts'

export default class Setup extends BaseCommand<typeof Setup> {
  static override description =
    'the way from a broker to the first event seen, question by question\n\n' +
    'Each answer is checked live. A test event is raised and seen to arrive, the subscription stored, and the ' +
    'commands printed that do the same without questions. A sandbox runs until Ctrl-C and takes its subscription along.'
  static override examples = ['<%= config.bin %> setup', '<%= config.bin %> setup E_PIKE_BLOCKED']

  static override args = { event: eventArgument({}) }
  static override flags = { expire: expireFlag, management: managementFlag, opensips: openSipsFlag }

  async run(): Promise<void> {
    if (!canAsk() || this.flags.json) throw nobodyToAsk(this.args.event)
    await this.showContext()
    const style = this.err.style()
    const sandbox = new WizardSandbox()
    const ports = await this.ports(sandbox, style)
    this.err.write(renderSetupStart(style))
    try {
      const draft = await askForSetup({ event: this.args.event, expire: this.flags.expire }, ports)
      // From here on, what is begun is brought to its end.
      const interrupted = takeInterrupts()
      const { subscription, renewed } = await storeSetup(draft, ports)
      this.err.write(`${renderSubscribed(subscription, renewed, style)}\nThe same without questions:\n\n`)
      this.out.writeRaw(renderSetupCommands(setupCommands(draft), this.out.style()))
      const line = configLine(draft)
      if (line !== undefined) this.err.write(renderConfigLine(line))
      if (sandbox.running) await this.watchUntil(interrupted, draft, { sandbox, ports, style })
    } finally {
      await sandbox.stop()
    }
  }

  private async ports(sandbox: WizardSandbox, style: Style): Promise<SetupPorts> {
    const timing = timingOf(await this.context.settings({}))
    return {
      questions: new TerminalQuestions({ input: process.stdin, output: process.stderr }, style),
      broker: (newTlsDomains) => this.context.broker(newTlsDomains),
      timing,
      subscriptions: await this.context.subscriptions(),
      tlsDomains: await this.context.tlsDomains(),
      sandbox,
      managementUrl: this.flags.management?.[0],
      management: (url, socket, replyTimeout) => this.context.managementOpener(replyTimeout)(url, socket),
      openSips: await this.context.openSips(this.flags.opensips, timing),
    }
  }

  /** Watches the sandbox, which would lose events without a queue; its subscription ends with it. */
  private async watchUntil(
    interrupted: AbortSignal,
    { event, socket }: Draft,
    { sandbox, ports, style }: { sandbox: WizardSandbox; ports: SetupPorts; style: Style },
  ): Promise<void> {
    this.err.write('\nThe sandbox is watched from here until Ctrl-C; raise more from another terminal.\n')
    const render = textRenderer(this.out.style())
    const session = new TailSession({ interrupted })
    const display = new TailDisplay({
      session,
      render,
      style,
      labels: new SourceLabels([socket]),
      sources: [],
    })
    const gone = new AbortController()
    const { running } = sandbox
    running?.ended.then(() => gone.abort())
    const request = {
      sockets: [{ socket, events: [event] }],
      bindingKey: undefined,
      strict: true,
      findManagement: async () => undefined,
      timing: ports.timing,
      signal: AbortSignal.any([session.signal, gone.signal]),
      listener: display,
    }
    try {
      await tail(request, await this.context.broker())
    } finally {
      await unsubscribe({ event, target: { socket }, now: new Date() }, ports.subscriptions)
      this.err.write('The sandbox and its subscription are gone.\n')
    }
    if (!interrupted.aborted) throw running?.failure()
  }
}

function nobodyToAsk(event = 'EVENT'): EviError {
  return new EviError('usage', 'evi setup asks questions, and there is no terminal to answer them on.', {
    hint: `Without questions: evi subscribe ${event} rabbitmq:user@host:5672/routing_key --password-file FILE`,
  })
}
