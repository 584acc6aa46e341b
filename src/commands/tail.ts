import { BaseCommand } from '#lib/cli/base-command.ts'
import { timingOf } from '#lib/cli/context.ts'
import { settingsFrom } from '#lib/cli/flags/shared.ts'
import { givenSockets } from '#lib/cli/flags/socket.ts'
import { modeOf, tailFlags } from '#lib/cli/flags/tail.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import {
  completeSockets,
  distinctSockets,
  refuseNamedExchanges,
  refuseNobody,
} from '#lib/services/subscriptions/select-sockets.ts'
import { peekQueues } from '#lib/services/tail/peek.ts'
import { tail } from '#lib/services/tail/tail.ts'
import { styleFor } from '#lib/terminal/style.ts'
import {
  type MessagesRenderer,
  rawRenderer,
  renderJsonMessages,
  textRenderer,
} from '#lib/views/tail/render-message.ts'
import { TailDisplay } from '#lib/views/tail/tail-display.ts'

export default class Tail extends BaseCommand<typeof Tail> {
  static override description =
    'watch what is published to the subscribers of events\n\n' +
    'On a named exchange it takes a copy. On the default exchange it stands in for a queue that does not exist, reads ' +
    'along with a stream, and never takes from any other queue: --peek and --firehose do not, either. Without EVENT it ' +
    'watches all subscribers.'
  static override examples = [
    '<%= config.bin %> tail',
    '<%= config.bin %> tail E_PIKE_BLOCKED --count 1 --timeout 10',
    "<%= config.bin %> tail --socket 'rabbitmq:127.0.0.1/amq.topic?sip' --binding-key '#' --json",
    '<%= config.bin %> tail E_PIKE_BLOCKED --peek',
    '<%= config.bin %> tail --socket rabbitmq:127.0.0.1/events --from 1h',
  ]
  static override strict = false
  static override usage = 'tail [EVENT…] [FLAGS]'

  static override flags = tailFlags

  async run(): Promise<void> {
    const { 'reply-timeout': replyTimeout, 'binding-key': bindingKey, count, timeout, peek } = this.flags
    const settings = await this.context.settings(settingsFrom({ ...this.flags, timeout: replyTimeout }))
    const sockets = await this.chooseSockets(this.words.map(checkEventName))
    const style = await styleFor(process.stderr, this.context.environment)
    const display = new TailDisplay({
      render: await this.renderer(),
      style,
      count,
      timeout,
      interrupted: takeInterrupts(),
    })
    const shared = { sockets, timing: timingOf(settings), signal: display.signal, listener: display }
    const broker = await this.context.broker()
    if (peek) await peekQueues({ ...shared, count }, broker)
    else await tail({ ...shared, bindingKey, mode: modeOf(this.flags) }, broker)
    display.finish()
  }

  private async renderer(): Promise<MessagesRenderer> {
    if (this.flags.json) return renderJsonMessages
    if (this.flags.raw) return rawRenderer(process.stdout.isTTY)
    return textRenderer(await styleFor(process.stdout, this.context.environment))
  }

  private async chooseSockets(events: readonly string[]): Promise<readonly Socket[]> {
    const given = (await givenSockets(this.flags)) ?? []
    const live = (await this.context.subscriptions()).live(new Date())
    const all = given.length === 0 && events.length === 0
    const subscribers = live.filter(({ event }) => all || events.includes(event)).map(({ socket }) => socket)
    const sockets = distinctSockets([...completeSockets(given, () => live), ...subscribers])
    refuseNobody(sockets, events)
    if (this.flags.peek) refuseNamedExchanges('--peek', sockets)
    if (this.flags.from !== undefined) refuseNamedExchanges('--from', sockets)
    return sockets
  }
}
