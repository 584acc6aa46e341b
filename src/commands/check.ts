import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { chooseSockets } from '#lib/cli/check/choose-sockets.ts'
import { type Look, type LookOptions, look, probeEvent } from '#lib/cli/check/look.ts'
import { loginPartFlags } from '#lib/cli/flags/login-parts.ts'
import {
  connectionFlags,
  eventArgument,
  managementFlag,
  openSipsFlag,
  quietFlag,
  renamedReplyTimeoutFlag,
  settingsFrom,
} from '#lib/cli/flags/shared.ts'
import { socketFlags } from '#lib/cli/flags/socket.ts'
import type { Settings } from '#lib/domain/settings.ts'
import { checkMetricsName, writeMetrics } from '#lib/files/metrics-file.ts'
import { silentListener } from '#lib/services/check/check.ts'
import { onlyFailed } from '#lib/services/check/verdict.ts'
import type { Style } from '#lib/terminal/style.ts'
import { CheckDisplay } from '#lib/views/check/check-display.ts'
import { statusLine } from '#lib/views/check/check-progress.ts'
import { renderSummary } from '#lib/views/check/check-summary.ts'
import { prometheusText } from '#lib/views/check/prometheus.ts'
import { type CheckLook, checkDocument } from '#lib/views/check/render-check.ts'

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

  static override flags = {
    quiet: quietFlag,
    ...socketFlags('check this socket, subscribed or not'),
    ...loginPartFlags,
    management: managementFlag,
    opensips: openSipsFlag,
    prometheus: Flags.string({
      description: "write the result as metrics to this file, NAME.prom, for Prometheus' node exporter",
      helpValue: 'FILE',
      parse: async (path) => checkMetricsName(path),
    }),
    failed: Flags.boolean({ description: 'show only what is broken' }),
    verbose: Flags.boolean({ description: 'show all steps, those that passed too', exclusive: ['failed'] }),
    probe: Flags.boolean({
      description: `really send each subscriber an event, ${probeEvent}, and report what became of it`,
    }),
    ...connectionFlags,
    'reply-timeout': renamedReplyTimeoutFlag,
  }

  async run(): Promise<void> {
    const settings = await this.context.settings(settingsFrom(this.flags))
    const [out, status] = [this.out.style(), statusLine(process.stderr)]
    const print = (text: string) => this.out.write(text)
    if (this.flags.probe) await this.showContext()
    const seen = await look({
      ...this.options(settings),
      onSide: (side) => this.flags.json || print(`${side.text(out)}\n`),
      listener: (plan, eventsOf) =>
        this.flags.json
          ? silentListener
          : new CheckDisplay({
              plan,
              eventsOf,
              detail: this.detail,
              isLoginOnly: this.flags.login,
              style: out,
              print,
              status,
            }),
    })
    this.finish(seen, out)
  }

  /** What a look is at. */
  private options(settings: Settings): Omit<LookOptions, 'onSide' | 'listener'> {
    const { event } = this.args
    const { flags, context } = this
    return {
      context,
      settings,
      event,
      isGiven: flags.socket !== undefined,
      isLoginOnly: flags.login,
      management: flags.management,
      openSips: flags.opensips,
      probe: flags.probe,
      choose: (live) => chooseSockets(live, { event, flags }),
    }
  }

  private get detail(): CheckLook['detail'] {
    if (this.flags.failed) return 'failed'
    return this.flags.verbose ? 'steps' : 'folded'
  }

  /** The end of a look: its summary or document, its metrics and its exit code. */
  private finish({ report, eventsOf, side, exit, ended, duration }: Look, style: Style): void {
    process.exitCode = exit
    const { json, failed, login, prometheus } = this.flags
    if (json)
      this.printJson({ ...checkDocument(failed ? onlyFailed(report) : report, eventsOf), ...side?.document })
    else {
      const isAlone = failed && !side && report.failed === 0
      this.out.write(
        (isAlone ? '' : '\n') +
          renderSummary(report, {
            eventsOf,
            openSipsFailures: side?.failures.length ?? 0,
            isLoginOnly: login,
            style,
          }),
      )
    }
    if (prometheus !== undefined)
      writeMetrics(prometheus, prometheusText({ ...report, exit }, eventsOf, { ended, duration }))
  }
}
