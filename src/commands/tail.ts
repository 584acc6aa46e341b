import { BaseCommand } from '#lib/cli/base-command.ts'
import { timingOf } from '#lib/cli/context.ts'
import { settingsFrom } from '#lib/cli/flags/shared.ts'
import { givenSockets } from '#lib/cli/flags/socket.ts'
import { modeOf, tailFlags } from '#lib/cli/flags/tail.ts'
import { notifyReady } from '#lib/cli/process/notify-systemd.ts'
import { runBeside } from '#lib/cli/process/run-child.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { runsForEvents } from '#lib/cli/tail/runs-for-events.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { type ManagementFinder, managementFinder } from '#lib/services/check/management-finder.ts'
import {
  completeSockets,
  refuseNamedExchanges,
  requireSubscribers,
} from '#lib/services/subscriptions/select-sockets.ts'
import type { StartCommand } from '#lib/services/tail/command-run.ts'
import { mergeDestinations } from '#lib/services/tail/merge-destinations.ts'
import { peekQueues } from '#lib/services/tail/peek.ts'
import type { MessageFilter } from '#lib/services/tail/select-events.ts'
import { tail } from '#lib/services/tail/tail.ts'
import type { SubscribedSocket } from '#lib/services/tail/tail-request.ts'
import { TailSession } from '#lib/services/tail/tail-session.ts'
import type { Style } from '#lib/terminal/style.ts'
import {
  type MessagesRenderer,
  rawRenderer,
  renderJsonMessages,
  textRenderer,
} from '#lib/views/tail/render-message.ts'
import { runsReporter } from '#lib/views/tail/render-runs.ts'
import { SourceLabels } from '#lib/views/tail/source-labels.ts'
import { TailDisplay } from '#lib/views/tail/tail-display.ts'
import type { TerminalPace } from '#lib/views/tail/terminal-pace.ts'

export default class Tail extends BaseCommand<typeof Tail> {
  static override description =
    'watch what is published to the subscribers of events\n\n' +
    'On a named exchange it takes a copy, unless that would take something from others: from an exchange that gives each ' +
    'message to one queue, or that has an alternate exchange. Which policies there are, only --management shows. On the default exchange it stands in for a queue that does not exist, reads ' +
    'along with a stream, and never takes from any other queue: --peek and --firehose do not, either. Without EVENT it ' +
    'watches all subscribers. COMMAND is started once all is watched; its output goes to stderr, and its exit code counts.'
  static override examples = [
    '<%= config.bin %> tail',
    '<%= config.bin %> tail E_PIKE_BLOCKED --count 1 --timeout 10',
    "<%= config.bin %> tail --socket 'rabbitmq:127.0.0.1/amq.topic?sip' --binding-key '#' --json",
    "<%= config.bin %> tail --where 'event = E_PIKE_BLOCKED and ip in 10.0.0.0/8'",
    '<%= config.bin %> tail E_PIKE_BLOCKED --count 1 -- evi raise E_PIKE_BLOCKED',
    "<%= config.bin %> tail E_PIKE_BLOCKED --format '{time} {param.ip}'",
    "<%= config.bin %> tail E_PIKE_BLOCKED --exec './block-ip.sh' --jobs 4",
    '<%= config.bin %> tail E_PIKE_BLOCKED --peek',
    '<%= config.bin %> tail --socket rabbitmq:127.0.0.1/events --from 1h',
    '<%= config.bin %> tail --socket rabbitmq:127.0.0.1/events --last 100',
  ]
  static override strict = false
  static override usage = 'tail [EVENT...] [FLAGS] [-- COMMAND...]'

  static override flags = tailFlags

  async run(): Promise<void> {
    const { 'binding-key': bindingKey, count, timeout, peek } = this.flags
    const settings = await this.context.settings(settingsFrom(this.flags))
    const { events, startCommand } = this.split()
    const style = this.err.style()
    const [filter, render] = [await this.filter(), await this.renderer(style)]
    const sockets = mergeDestinations(await this.chooseSockets(events.map(checkEventName)))
    const interrupted = takeInterrupts()
    const listener = runsReporter(this.err, style)
    const runs = await runsForEvents(this.flags, { listener, interrupted })
    const session = new TailSession({ filter, count, timeout, startCommand, interrupted })
    const display = new TailDisplay({
      session,
      render,
      style,
      runs,
      pace: await this.pace(style),
      labels: new SourceLabels(sockets.map(({ socket }) => socket)),
      sources: peek ? sockets.map(({ socket }) => printSocket(socket)) : [],
      onWatching: (number) =>
        notifyReady(`Watching ${number} ${number === 1 ? 'socket' : 'sockets'}`, (sentence) =>
          this.err.write(`${sentence}\n`),
        ),
    })
    const shared = { timing: timingOf(settings), signal: session.signal, listener: display }
    const broker = await this.context.broker()
    if (peek) {
      const queues = sockets.map(({ socket }) => socket)
      await peekQueues({ ...shared, sockets: queues, count }, broker).finally(() => display.summarize())
    } else {
      const { strict, management } = this.flags
      // With a budget of its own each time, as a tail may look again after days.
      const findManagement: ManagementFinder = async (socket, connection) =>
        await managementFinder(management, this.context.managementOpener(settings.timeout))?.(
          socket,
          connection,
        )
      const request = {
        ...shared,
        sockets,
        bindingKey,
        mode: modeOf(this.flags),
        strict,
        findManagement,
        prefetch: runs && 2 * runs.jobs,
      }
      try {
        await tail(request, broker)
      } catch (error) {
        session.stop()
        throw error
      } finally {
        await display.summarize()
      }
    }
    process.exitCode = (await session.finish()) || runs?.exitCode || 0
  }

  /** The events, and the command behind `--`. */
  private split(): { readonly events: readonly string[]; readonly startCommand: StartCommand | undefined } {
    const end = this.argv.indexOf('--')
    const command = end < 0 ? [] : this.argv.slice(end + 1)
    const events = this.positionals.slice(0, this.positionals.length - command.length)
    if (command.length === 0) return { events, startCommand: undefined }
    if (this.flags.peek) throw new EviError('usage', '--peek cannot be used with -- COMMAND.')
    return { events, startCommand: (signal) => runBeside(command, signal) }
  }

  /** What --where asks for, which is loaded for it alone. */
  private async filter(): Promise<MessageFilter | undefined> {
    if (this.flags.where === undefined) return undefined
    const { filterWhere } = await import('#lib/services/tail/select-events.ts')
    return filterWhere(this.flags.where)
  }

  private async renderer(style: Style): Promise<MessagesRenderer> {
    if (this.flags.json) return renderJsonMessages
    if (this.flags.format !== undefined) {
      const { formatRenderer } = await import('#lib/views/tail/format-messages.ts')
      return formatRenderer(this.flags.format)
    }
    if (this.flags.raw) return rawRenderer(process.stdout.isTTY)
    const render = textRenderer(this.out.style())
    if (this.flags.full || !process.stdout.isTTY) return render
    const { terminalRenderer } = await import('#lib/views/tail/terminal-renderer.ts')
    const hint = 'Long lines are cut at the width of the terminal: --full prints them whole.'
    return terminalRenderer(render, {
      columns: () => process.stdout.columns,
      more: this.out.style().marks.more,
      onCut: () => this.err.write(`${style.faint(hint)}\n`),
    })
  }

  /** Only on a terminal, and not where a number of events was asked for. */
  private async pace(style: Style): Promise<TerminalPace | undefined> {
    const { full, json, raw, peek, count, last = 0 } = this.flags
    if (!process.stdout.isTTY || full || json || raw || peek || count !== undefined) return undefined
    const { TerminalPace } = await import('#lib/views/tail/terminal-pace.ts')
    const say = (line: string) => this.err.write(`${style.faint(line)}\n`)
    return new TerminalPace({ extra: last, more: style.marks.more, say })
  }

  private async chooseSockets(events: readonly string[]): Promise<readonly SubscribedSocket[]> {
    const given = (await givenSockets(this.flags)) ?? []
    const live = (await this.context.subscriptions()).live(new Date())
    const all = given.length === 0 && events.length === 0
    const subscribed = live.filter(({ event }) => all || events.includes(event))
    const sockets = [
      ...completeSockets(given, () => live).map((socket) => ({ socket, events: [] })),
      ...subscribed.map(({ event, socket }) => ({ socket, events: [event] })),
    ]
    const found = sockets.map(({ socket }) => socket)
    requireSubscribers(found, events)
    if (this.flags.peek) refuseNamedExchanges('--peek', found)
    if (this.flags.from !== undefined) refuseNamedExchanges('--from', found)
    if (this.flags.last !== undefined) refuseNamedExchanges('--last', found)
    return sockets
  }
}
