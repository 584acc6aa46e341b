import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../lib/base-command.ts'
import { timingOf } from '../lib/context.ts'
import { checkEventName } from '../lib/domain/event-name.ts'
import { parseSocket } from '../lib/domain/parse-socket.ts'
import type { Socket } from '../lib/domain/socket.ts'
import { shortStringLimit, utf8Length } from '../lib/domain/text.ts'
import { EviError } from '../lib/errors.ts'
import { connectionFlags, replyTimeoutFlag, settingsFrom } from '../lib/flags.ts'
import { distinctSockets, refuseNobody } from '../lib/services/subscribers.ts'
import { tail } from '../lib/services/tail.ts'
import { takeInterrupts } from '../lib/terminal/interrupt.ts'
import {
  type MessageRenderer,
  rawRenderer,
  renderJsonMessage,
  textRenderer,
} from '../lib/terminal/render-message.ts'
import { styleFor } from '../lib/terminal/style.ts'
import { TailDisplay } from '../lib/terminal/tail-display.ts'

export default class Tail extends BaseCommand<typeof Tail> {
  static override description =
    'watch what is published to the subscribers of events\n\n' +
    'On a named exchange it takes a copy. On the default exchange it stands in for a queue that does not exist; ' +
    'it never takes from one that does. Without EVENT it watches all subscribers.'
  static override examples = [
    '<%= config.bin %> tail',
    '<%= config.bin %> tail E_PIKE_BLOCKED --count 1 --timeout 10',
    "<%= config.bin %> tail --socket 'rabbitmq:127.0.0.1/amq.topic?sip' --binding-key '#' --json",
  ]
  static override strict = false
  static override usage = 'tail [EVENT…] [FLAGS]'

  static override flags = {
    json: Flags.boolean({ description: 'a JSON line for each event', helpGroup: 'GLOBAL' }),
    socket: Flags.string({
      char: 's',
      description: 'watch this socket, subscribed or not',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'binding-key': Flags.string({
      description: 'pattern to bind a named exchange with, instead of the routing key',
    }),
    count: Flags.custom<number>({
      char: 'n',
      description: 'stop after so many events',
      helpValue: 'N',
      parse: async (text) => readAmount('--count', text, /^\d{1,15}$/),
    })(),
    timeout: Flags.custom<number>({
      description: 'stop after so long; exit code 124 when fewer than --count came',
      helpValue: 'SECONDS',
      parse: async (text) => readAmount('--timeout', text, /^\d{1,6}(?:\.\d+)?$/),
    })(),
    raw: Flags.boolean({ description: 'the bodies as they are, one a line', exclusive: ['json'] }),
    ...connectionFlags,
    'reply-timeout': replyTimeoutFlag('reply-timeout'),
  }

  async run(): Promise<void> {
    const { 'reply-timeout': replyTimeout, 'binding-key': bindingKey, count, timeout } = this.flags
    const events = this.words.map(checkEventName)
    if (utf8Length(bindingKey ?? '') > shortStringLimit)
      throw new EviError('usage', `A binding key is at most ${shortStringLimit} bytes long.`)
    const settings = await this.context.settings(settingsFrom({ ...this.flags, timeout: replyTimeout }))
    const sockets = await this.chooseSockets(events)
    const style = await styleFor(process.stderr, this.context.environment)
    const display = new TailDisplay({
      render: await this.renderer(),
      style,
      count,
      timeout,
      interrupted: takeInterrupts(),
    })
    const request = {
      sockets,
      bindingKey,
      timing: timingOf(settings),
      signal: display.signal,
      listener: display,
    }
    await tail(request, await this.context.broker())
    display.finish()
  }

  private async renderer(): Promise<MessageRenderer> {
    if (this.flags.json) return renderJsonMessage
    if (this.flags.raw) return rawRenderer(process.stdout.isTTY)
    return textRenderer(await styleFor(process.stdout, this.context.environment))
  }

  private async chooseSockets(events: readonly string[]): Promise<readonly Socket[]> {
    const given = (this.flags.socket ?? []).map(parseSocket)
    const live = (await this.context.subscriptions()).live(new Date())
    const all = given.length === 0 && events.length === 0
    const subscribers = live.filter(({ event }) => all || events.includes(event)).map(({ socket }) => socket)
    const sockets = distinctSockets([...given, ...subscribers], live)
    refuseNobody(sockets, events)
    return sockets
  }
}

function readAmount(flag: string, text: string, pattern: RegExp): number {
  const amount = pattern.test(text) ? Number(text) : 0
  if (amount > 0) return amount
  throw new EviError('usage', `${flag} is ${JSON.stringify(text)}, not a number above 0.`)
}
