import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { timingOf } from '#lib/cli/context.ts'
import {
  connectionFlags,
  quietFlag,
  renamedReplyTimeoutFlag,
  settingsFrom,
  textArgument,
} from '#lib/cli/flags/shared.ts'
import { givenSockets, passwordFlags } from '#lib/cli/flags/socket.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { readHeaders } from '#lib/domain/event/message-headers.ts'
import { type QueueType, queueTypes } from '#lib/domain/routing/declaration.ts'
import { defaultUser, printSocket, type Socket, scheme, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { declare, type Plan } from '#lib/services/declare/declare.ts'
import {
  completeSockets,
  distinctSockets,
  requireSubscribers,
} from '#lib/services/subscriptions/select-sockets.ts'
import { askForPassword, canAsk, confirm } from '#lib/terminal/prompts/prompts.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { declareDocument, renderDeclared, renderPlans } from '#lib/views/declare/render-declare.ts'

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

  static override args = {
    socket: textArgument({
      description: 'socket, as evi list prints it; or an event, for all its subscribers',
      required: true,
    }),
  }

  static override flags = {
    quiet: quietFlag,
    queue: Flags.string({
      description: 'queue to bind to a named exchange; named like the routing key by default',
      helpValue: 'NAME',
    }),
    type: Flags.option({
      description: "type of a queue that is made; the vhost's default type by default",
      options: queueTypes,
    })(),
    'exchange-type': Flags.string({
      description: 'make the exchange, too, if it is missing: direct, fanout, topic, headers or another type',
      helpValue: 'TYPE',
    }),
    header: Flags.string({
      description: 'what a headers exchange compares, as NAME=VALUE or NAME:=JSON; several times',
      helpValue: 'NAME=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    ...passwordFlags,
    ...connectionFlags,
    'reply-timeout': renamedReplyTimeoutFlag,
  }

  async run(): Promise<void> {
    const { queue, type, 'exchange-type': exchangeType, header } = this.flags
    const settings = await this.context.settings(settingsFrom(this.flags))
    const sockets = await this.chooseSockets()
    if (queue !== undefined && sockets.length > 1)
      throw new EviError('usage', `--queue is for one socket, and ${this.args.socket} has ${sockets.length}.`)
    const report = await declare(
      {
        sockets,
        options: {
          queue,
          type: type as QueueType | undefined,
          exchangeType,
          headers: header && readHeaders(header),
        },
        timing: timingOf(settings),
        confirm: async (plans) => await this.confirmed(plans),
      },
      await this.context.broker(),
    )
    process.exitCode = report.exit
    await this.present(report, { json: declareDocument, text: renderDeclared })
  }

  private async chooseSockets(): Promise<readonly Socket[]> {
    const { socket: given } = this.args
    const readLive = async () => (await this.context.subscriptions()).live(new Date())
    if (given.startsWith(scheme)) {
      const sockets = (await givenSockets({ ...this.flags, socket: [given] })) ?? []
      const live = await readLive()
      return await Promise.all(
        completeSockets(sockets, () => live).map((socket) => this.withPassword(socket)),
      )
    }
    const event = checkEventName(given)
    await givenSockets(this.flags)
    const sockets = (await readLive()).flatMap((one) => (one.event === event ? [one.socket] : []))
    requireSubscribers(sockets, [event])
    return distinctSockets(sockets, wiringKeyOf)
  }

  /** A socket as it is printed has no password, and that of any user but guest is not known. */
  private async withPassword(socket: Socket): Promise<Socket> {
    const known = socket.password !== undefined || socket.anonymous || socket.user === defaultUser
    if (known || this.flags.json || !canAsk()) return socket
    return { ...socket, password: await askForPassword() }
  }

  /** @throws EviError `usage` where there is no terminal to ask on, `interrupted` where the answer is no */
  private async confirmed(plans: readonly Plan[]): Promise<void> {
    if (this.flags.yes) return
    if (!this.flags.json) this.err.write(renderPlans(plans, this.err.style()))
    if (this.flags.json || !canAsk()) {
      throw new EviError(
        'usage',
        'Something is missing, and there is no terminal to ask whether to declare it.',
        {
          hint: `Declare it without being asked: evi declare ${this.argumentFor(plans)} --yes`,
        },
      )
    }
    if (!(await confirm('Declare this?'))) throw new EviError('interrupted', 'Nothing was declared.')
  }

  /** The argument as it can be pasted: a socket without its password. */
  private argumentFor([plan]: readonly Plan[]): string {
    const { socket } = this.args
    return shellWord(plan && socket.startsWith(scheme) ? printSocket(plan.socket) : socket)
  }
}
