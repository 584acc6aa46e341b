import { BaseCommand } from '#lib/cli/base-command.ts'
import { settingsFrom } from '#lib/cli/flags/shared/common.ts'
import { tailFlags } from '#lib/cli/flags/tail.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { eventFilter } from '#lib/cli/tail/event-filter.ts'
import { runsForEvents } from '#lib/cli/tail/runs-for-events.ts'
import { readTailArguments } from '#lib/cli/tail/tail-arguments.ts'
import { tailDisplay } from '#lib/cli/tail/tail-display.ts'
import { tailedSockets } from '#lib/cli/tail/tailed-sockets.ts'
import { terminalPace } from '#lib/cli/tail/terminal-pace.ts'
import { watch } from '#lib/cli/tail/watch.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { TailSession } from '#lib/services/tail/tail-session.ts'
import { messagesRenderer } from '#lib/views/tail/messages-renderer.ts'
import { runsReporter } from '#lib/views/tail/render-runs.ts'

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
    const { flags, context, out, err } = this
    const settings = await context.settings(settingsFrom(flags))
    const { events, startCommand } = readTailArguments(this.argv, this.positionals, flags)
    const filter = await eventFilter(flags.where)
    const render = await messagesRenderer(flags, { out, err })
    const sockets = await tailedSockets(events.map(checkEventName), flags, { context, err })
    const interrupted = takeInterrupts()
    const runs = await runsForEvents(flags, { listener: runsReporter(err, err.style()), interrupted })
    const { count, timeout } = flags
    const session = new TailSession({ filter, count, timeout, startCommand, interrupted })
    const pace = await terminalPace(flags, err)
    const display = tailDisplay({ session, render, runs, pace, sockets, flags, settings, err })
    const code = await watch({ sockets, session, display, runs, flags, settings, context })
    process.exitCode = (await session.finish()) || runs?.exitCode || code
  }
}
