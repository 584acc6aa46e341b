import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { chooseSockets, socketsGiven } from '#lib/cli/check/choose-sockets.ts'
import { type Look, type LookOptions, look, probeEvent } from '#lib/cli/check/look.ts'
import { lookRepeatedly } from '#lib/cli/check/watch.ts'
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
import { watchFlag, withWatchTime } from '#lib/cli/flags/watch.ts'
import type { Settings } from '#lib/domain/settings.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { checkMetricsName, writeMetrics } from '#lib/files/metrics-file.ts'
import { silentListener } from '#lib/services/check/check.ts'
import { onlyFailed } from '#lib/services/check/verdict.ts'
import type { Style } from '#lib/terminal/style.ts'
import { CheckDisplay } from '#lib/views/check/check-display.ts'
import { noStatus, type StatusLine, statusLine } from '#lib/views/check/check-progress.ts'
import { renderSummary } from '#lib/views/check/check-summary.ts'
import { prometheusText } from '#lib/views/check/prometheus.ts'
import { type CheckLook, checkDocument } from '#lib/views/check/render-check.ts'
import { watchView } from '#lib/views/check/watch-view.ts'

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
    watch: watchFlag,
    ...connectionFlags,
    'reply-timeout': renamedReplyTimeoutFlag,
  }

  override async init(): Promise<void> {
    this.argv = withWatchTime(this.argv)
    await super.init()
  }

  async run(): Promise<void> {
    const settings = await this.context.settings(settingsFrom(this.flags))
    const given = await socketsGiven(this.flags)
    if (this.flags.probe) await this.showContext()
    const style = this.out.style()
    const { watch } = this.flags
    if (watch === undefined) {
      const print = (text: string) => this.out.write(text)
      process.exitCode = await this.look(settings, {
        given,
        style,
        print,
        status: statusLine(process.stderr),
      })
      return
    }
    const view = watchView(process.stdout, style)
    const lookOnce = async () => {
      let text = ''
      const print = (more: string) => {
        text += more
      }
      const exit = await this.look(settings, { given, style, print, status: noStatus })
      if (!this.flags.json) view.show(text, new Date())
      return exit
    }
    process.exitCode = await lookRepeatedly(lookOnce, watch)
    view.end()
  }

  /** Looks once, and shows what it found. @returns the exit code */
  private async look(settings: Settings, { given, ...shown }: Shown): Promise<number> {
    const { json, login: isLoginOnly } = this.flags
    const { detail } = this
    const seen = await look({
      ...this.options(settings, given),
      onSide: (side) => json || shown.print(`${side.text(shown.style)}\n`),
      listener: (plan, eventsOf) =>
        json ? silentListener : new CheckDisplay({ plan, eventsOf, detail, isLoginOnly, ...shown }),
    })
    this.finish(seen, shown)
    return seen.exit
  }

  /** What a look is at. */
  private options(settings: Settings, given: Shown['given']): Omit<LookOptions, 'onSide' | 'listener'> {
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
      choose: (live) => chooseSockets(live, { event, given, isLoginOnly: flags.login }),
    }
  }

  private get detail(): CheckLook['detail'] {
    if (this.flags.failed) return 'failed'
    return this.flags.verbose ? 'steps' : 'folded'
  }

  /** The end of a look: its summary or document, and its metrics. */
  private finish(
    { report, eventsOf, side, exit, ended, duration }: Look,
    { style, print }: Pick<Shown, 'style' | 'print'>,
  ): void {
    const { json, failed, login: isLoginOnly, prometheus, watch } = this.flags
    const openSipsFailures = side?.failures.length ?? 0
    if (json) {
      const document = checkDocument(failed ? onlyFailed(report) : report, eventsOf)
      const time = watch === undefined ? {} : { time: ended.toISOString() }
      this.printJson({ ...time, ...document, ...side?.document })
    } else {
      const isAlone = failed && !side && report.failed === 0
      const summary = renderSummary(report, { eventsOf, openSipsFailures, isLoginOnly, style })
      print((isAlone ? '' : '\n') + summary)
    }
    if (prometheus !== undefined)
      writeMetrics(prometheus, prometheusText({ ...report, exit }, eventsOf, { ended, duration }))
  }
}

interface Shown {
  /** The sockets to check, where they are given. */
  readonly given: readonly Socket[] | undefined
  readonly style: Style
  readonly print: (text: string) => void
  readonly status: StatusLine
}
