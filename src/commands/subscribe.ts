import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { checkSockets } from '#lib/cli/check/check-sockets.ts'
import { warnOfDoubtfulNames } from '#lib/cli/doubtful-names.ts'
import { eventArgument, expireFlag, quietFlag, textArgument } from '#lib/cli/flags/shared.ts'
import { givenPassword, passwordFlags } from '#lib/cli/flags/socket.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { socketFromParts } from '#lib/domain/socket/socket-parts.ts'
import { StoredPasswords } from '#lib/domain/subscription/subscription.ts'
import { EviError } from '#lib/errors.ts'
import { readInput } from '#lib/files/read-input.ts'
import { silentListener } from '#lib/services/check/check.ts'
import { subscribe, subscribeAll } from '#lib/services/subscriptions/subscribe.ts'
import { outliveReaders } from '#lib/terminal/output.ts'
import { canAsk } from '#lib/terminal/prompts/prompts.ts'
import { CheckDisplay } from '#lib/views/check/check-display.ts'
import { statusLine } from '#lib/views/check/check-progress.ts'
import { checkDocument } from '#lib/views/check/render-check.ts'
import { batchDocument, renderSubscribedMany } from '#lib/views/subscriptions/render-batch.ts'
import { renderSubscribed, subscriptionDocument } from '#lib/views/subscriptions/render-subscriptions.ts'

const part = { helpGroup: 'SOCKET BY PARTS' }

export default class Subscribe extends BaseCommand<typeof Subscribe> {
  static override description =
    'add a subscriber to an event, or renew it\n\nA socket without a password keeps the one that is stored for the same subscriber. Without a socket it is asked for, on a terminal.'
  static override examples = [
    '<%= config.bin %> subscribe E_PIKE_BLOCKED rabbitmq:guest:guest@127.0.0.1:5672/pike',
    '<%= config.bin %> subscribe E_SIP_MESSAGE rabbitmq:rmq.example.com/sip?messages --expire 3600',
    '<%= config.bin %> subscribe --batch subscriptions.txt',
    '<%= config.bin %> subscribe E_PIKE_BLOCKED --host ::1 --user alice --password-file ~/.pw --routing-key pike',
  ]

  static override args = {
    event: eventArgument(),
    socket: textArgument({
      description: 'where the event goes: rabbitmq:user:password@host:port/[exchange?]routing_key',
    }),
  }

  static override flags = {
    quiet: quietFlag,
    expire: expireFlag,
    batch: Flags.string({
      description:
        'add many in one write: a line each, EVENT SOCKET [TIME] or JSON; all or none; - reads standard input',
      helpValue: 'FILE',
      exclusive: ['check'],
    }),
    'set-passwords': Flags.boolean({
      description:
        'give the password of these flags to stored subscriptions of the batch, too, if their lines name none',
      dependsOn: ['batch'],
    }),
    check: Flags.boolean({
      description: 'follow the wiring first, as evi check does, and store nothing if it is cut',
    }),
    ...passwordFlags,
    host: Flags.string({
      ...part,
      description: 'host of the broker; several times for a cluster',
      multiple: true,
      multipleNonGreedy: true,
    }),
    port: Flags.string({ ...part, description: 'port of the hosts that name none; 5672, or 5671 with TLS' }),
    user: Flags.string({ ...part, description: 'user to log in as (default: guest)' }),
    vhost: Flags.string({ ...part, description: 'virtual host (default: /)' }),
    exchange: Flags.string({ ...part, description: 'exchange (default: the default exchange)' }),
    'routing-key': Flags.string({
      ...part,
      description: 'routing key; on the default exchange the name of the queue',
    }),
    'tls-domain': Flags.string({ ...part, description: 'TLS domain to connect with' }),
    persistent: Flags.boolean({ ...part, description: 'have messages written to disk' }),
  }

  async run(): Promise<void> {
    if (this.flags.batch !== undefined) return await this.subscribeMany(this.flags.batch)
    const { event } = this.args
    if (event === undefined)
      throw new EviError('usage', 'The event is missing.', { hint: 'See: evi subscribe --help' })
    if (this.leavesTheRestOpen() && canAsk()) return await this.config.runCommand('setup', this.argv)
    const now = new Date()
    const socket = await this.readSocket()
    await warnOfDoubtfulNames({ event }, this.err)
    const store = await this.context.subscriptions()
    if (this.flags.check) {
      const whole = new StoredPasswords(store.live(now)).complete(socket, event)
      if (!(await this.isWhole(event, whole))) return
    }
    const { expire = null } = this.flags
    const { subscription, renewed } = await subscribe({ event, socket, expire, now }, store)
    await this.present(subscription, {
      json: () => ({ subscription: subscriptionDocument(subscription, now), renewed }),
      text: (_, style) => renderSubscribed(subscription, renewed, style),
    })
  }

  private async subscribeMany(file: string): Promise<void> {
    if (this.args.event !== undefined || this.isByParts())
      throw new EviError('usage', 'With --batch, events and sockets are in the file.')
    if (file === '-' && this.flags['password-file'] === '-')
      throw new EviError('usage', 'Standard input cannot give both the subscriptions and the password.')
    const { readSubscriptionLines } = await import('#lib/services/subscriptions/subscription-file.ts')
    const lines = readSubscriptionLines(await readInput(file))
    const password = await givenPassword(this.flags)
    const isForAll = this.flags['set-passwords']
    if (isForAll && password === undefined)
      throw new EviError('usage', '--set-passwords needs a password.', {
        hint: 'Give it by --password-file FILE, --password-env VARIABLE or --ask-password.',
      })
    const wanted = lines.map(({ event, socket, expire = this.flags.expire ?? null }) => ({
      event,
      socket: isForAll ? { ...socket, password: socket.password ?? password } : socket,
      expire,
      passwordIfNew: password,
    }))
    for (const event of new Set(wanted.map((one) => one.event)))
      await warnOfDoubtfulNames({ event }, this.err)
    const subscribed = await subscribeAll(wanted, await this.context.subscriptions(), new Date())
    const onlyForNew = password !== undefined && !isForAll
    await this.present(subscribed, {
      json: batchDocument,
      text: (_, style) => renderSubscribedMany(subscribed, { onlyForNew }, style),
    })
  }

  /** Checks the wiring; where it is cut, says so with the exit code of the cut. */
  private async isWhole(event: string, socket: Socket): Promise<boolean> {
    // It is stored also when the reader of the check is gone.
    outliveReaders(() => {})
    const eventsOf = () => [event]
    const style = this.err.style()
    const print = (text: string) => this.err.write(text)
    const status = statusLine(process.stderr)
    const report = await checkSockets([socket], {
      context: this.context,
      settings: await this.context.settings({}),
      findManagement: undefined,
      listener: (plan) =>
        this.flags.json
          ? silentListener
          : new CheckDisplay({ plan, eventsOf, detail: 'folded', style, print, status }),
    })
    if (report.failed === 0) return true
    process.exitCode = report.exit
    if (this.flags.json) this.printJson(checkDocument(report, eventsOf))
    else this.err.write('Nothing was stored.\n')
    return false
  }

  /** Neither the socket nor a part of it is given. */
  private leavesTheRestOpen(): boolean {
    return (
      this.args.socket === undefined &&
      Object.keys(this.flags).every((flag) => ['expire', 'context'].includes(flag))
    )
  }

  private async readSocket(): Promise<Socket> {
    const { host: hosts = [], 'routing-key': routingKey, 'tls-domain': tlsDomain } = this.flags
    const { port, user, vhost, exchange, persistent } = this.flags
    if (this.args.socket !== undefined && this.isByParts()) {
      throw new EviError('usage', 'The socket is given twice: as an argument and by parts.')
    }
    const socket =
      this.args.socket === undefined
        ? socketFromParts({ hosts, port, user, vhost, exchange, routingKey, tlsDomain, persistent })
        : parseSocket(this.args.socket)
    return { ...socket, password: (await givenPassword(this.flags)) ?? socket.password }
  }

  private isByParts(): boolean {
    const { host, 'routing-key': routingKey, 'tls-domain': tlsDomain } = this.flags
    const { port, user, vhost, exchange, persistent } = this.flags
    const parts = [host, port, user, vhost, exchange, routingKey, tlsDomain]
    return persistent || parts.some((value) => value !== undefined)
  }
}
