import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import type { OpenSipsSide } from '#lib/cli/check-opensips.ts'
import { timingOf } from '#lib/cli/context.ts'
import {
  connectionFlags,
  eventArgument,
  managementFlag,
  openSipsFlag,
  quietFlag,
  renamedReplyTimeoutFlag,
  settingsFrom,
} from '#lib/cli/flags/shared.ts'
import { givenSockets, socketFlags } from '#lib/cli/flags/socket.ts'
import { buildNotification } from '#lib/domain/event/notification.ts'
import type { Settings } from '#lib/domain/settings.ts'
import { type Socket, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { gravestExit } from '#lib/exit-codes.ts'
import { checkMetricsName, writeMetrics } from '#lib/files/metrics-file.ts'
import { check, planCheck, silentListener } from '#lib/services/check/check.ts'
import { type ManagementFinder, managementFinder } from '#lib/services/check/management-finder.ts'
import { queueJudge } from '#lib/services/check/queue-check.ts'
import { routeJudge } from '#lib/services/check/route-check.ts'
import {
  completeSockets,
  distinctSockets,
  requireSubscribers,
} from '#lib/services/subscriptions/select-sockets.ts'
import { CheckDisplay } from '#lib/views/check/check-display.ts'
import { prometheusText } from '#lib/views/check/prometheus.ts'
import { checkDocument, type EventsOf } from '#lib/views/check/render-check.ts'

const probeEvent = 'E_EVI_PROBE'

export default class Check extends BaseCommand<typeof Check> {
  static override description =
    'find out where the wire is cut, without publishing anything\n\n' +
    'Follows the way to each subscriber step by step: host name, TCP, TLS, AMQP, login, vhost, exchange, and the queue ' +
    'or route behind it, up to whether the broker would take a message: one is published in a transaction that is rolled ' +
    'back. Nothing is declared and no queue gets a message, unless --probe asks for it. Without EVENT it checks all subscribers.'
  static override examples = [
    '<%= config.bin %> check',
    '<%= config.bin %> check E_PIKE_BLOCKED --json',
    '<%= config.bin %> check --opensips http://127.0.0.1:8888/mi --management http://127.0.0.1:15672',
    "<%= config.bin %> check --socket 'rabbitmq:guest:guest@127.0.0.1/amq.topic?sip' --management http://127.0.0.1:15672",
  ]

  static override args = { event: eventArgument() }

  static override flags = {
    quiet: quietFlag,
    ...socketFlags('check this socket, subscribed or not'),
    management: managementFlag,
    opensips: openSipsFlag,
    prometheus: Flags.string({
      description: "write the result as metrics to this file, NAME.prom, for Prometheus' node exporter",
      helpValue: 'FILE',
      parse: async (path) => checkMetricsName(path),
    }),
    probe: Flags.boolean({
      description: `really send each subscriber an event, ${probeEvent}, and report what became of it`,
    }),
    ...connectionFlags,
    'reply-timeout': renamedReplyTimeoutFlag,
  }

  async run(): Promise<void> {
    const settings = await this.context.settings(settingsFrom(this.flags))
    const live = (await this.context.subscriptions()).live(new Date())
    const sockets = await this.chooseSockets(live)
    const plan = planCheck(sockets)
    const eventsOf = eventsIn(live)
    const style = this.out.style()
    const print = (text: string) => this.out.write(text)
    const find = managementFinder(this.flags.management, this.context.managementOpener(settings.timeout))
    const side = await this.lookAtOpenSips(live, { sockets, settings, find })
    if (side && !this.flags.json) print(side.text(style))
    if (this.flags.probe) await this.showContext()
    const start = performance.now()
    const report = await check(
      {
        plan,
        timing: timingOf(settings),
        probe: this.flags.probe
          ? Buffer.from(buildNotification(probeEvent, { named: [], unnamed: [], whole: undefined }))
          : undefined,
        judgeRoute: routeJudge(find),
        judgeQueue: queueJudge(find),
        listener: this.flags.json ? silentListener : new CheckDisplay({ plan, eventsOf, style, print }),
      },
      await this.context.broker(),
    )
    const duration = performance.now() - start
    const exit = gravestExit([
      ...report.checks.flatMap(({ failure }) => failure ?? []),
      ...(side?.failures ?? []),
    ])
    process.exitCode = exit
    if (this.flags.json) this.printJson({ ...checkDocument(report, eventsOf), ...side?.document })
    const { prometheus } = this.flags
    if (prometheus === undefined) return
    writeMetrics(prometheus, prometheusText({ ...report, exit }, eventsOf, { ended: new Date(), duration }))
  }

  /** OpenSIPS's side of the wire; undefined where none is given. */
  private async lookAtOpenSips(
    live: readonly Subscription[],
    { sockets, settings, find }: OpenSipsLook,
  ): Promise<OpenSipsSide | undefined> {
    const openSips = await this.context.openSips(this.flags.opensips, timingOf(settings))
    if (openSips === undefined) return undefined
    const { lookAtOpenSips } = await import('#lib/cli/check-opensips.ts')
    const subscribed = live.filter(({ event }) => this.args.event === undefined || event === this.args.event)
    const { socket } = this.flags
    const expected = socket ? sockets.map((one) => ({ event: undefined, socket: one })) : subscribed
    return await lookAtOpenSips({
      openSips,
      expected,
      settings,
      findManagement: find,
      context: this.context,
    })
  }

  private async chooseSockets(live: readonly Subscription[]): Promise<readonly Socket[]> {
    const { event } = this.args
    const given = await givenSockets(this.flags)
    if (event !== undefined && given) throw new EviError('usage', 'An EVENT and --socket do not go together.')
    const subscribers = live.filter((one) => event === undefined || one.event === event)
    requireSubscribers(given ?? subscribers.map(({ socket }) => socket), event === undefined ? [] : [event])
    if (given) return completeSockets(given, () => live)
    return distinctSockets(
      subscribers.map(({ socket }) => socket),
      wiringKeyOf,
    )
  }
}

interface OpenSipsLook {
  readonly sockets: readonly Socket[]
  readonly settings: Settings
  readonly find: ManagementFinder | undefined
}

/** The events that each socket is subscribed to. */
function eventsIn(live: readonly Subscription[]): EventsOf {
  const bySocket = Map.groupBy(live, ({ socket }) => wiringKeyOf(socket))
  return (socket) => (bySocket.get(wiringKeyOf(socket)) ?? []).map(({ event }) => event)
}
