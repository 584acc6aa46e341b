import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../lib/base-command.ts'
import { parseSocket } from '../lib/domain/parse-socket.ts'
import type { Socket } from '../lib/domain/socket.ts'
import { socketFromParts } from '../lib/domain/socket-parts.ts'
import { maximumExpire } from '../lib/domain/subscription.ts'
import { EviError } from '../lib/errors.ts'
import { eventArgument } from '../lib/flags.ts'
import { subscribe } from '../lib/services/subscribe.ts'
import { readPassword } from '../lib/terminal/input.ts'
import { renderSubscribed, subscriptionDocument } from '../lib/terminal/render-subscriptions.ts'
import { styleFor } from '../lib/terminal/style.ts'

const part = { helpGroup: 'SOCKET BY PARTS' }

export default class Subscribe extends BaseCommand<typeof Subscribe> {
  static override description =
    'add a subscriber to an event, or renew it\n\nA socket without a password keeps the one that is stored for the same subscriber.'
  static override examples = [
    '<%= config.bin %> subscribe E_PIKE_BLOCKED rabbitmq:guest:guest@127.0.0.1:5672/pike',
    '<%= config.bin %> subscribe E_SIP_MESSAGE rabbitmq:rmq.example.com/sip?messages --expire 3600',
    '<%= config.bin %> subscribe E_PIKE_BLOCKED --host ::1 --user alice --password-file ~/.pw --routing-key pike',
  ]

  static override args = {
    event: eventArgument({ required: true }),
    socket: Args.string({
      description: 'where the event goes: rabbitmq:user:password@host:port/[exchange?]routing_key',
    }),
  }

  static override flags = {
    expire: Flags.custom<number>({
      description: 'seconds until the subscription ends by itself; for ever unless given',
      helpValue: 'SECONDS',
      parse: async (text) => readExpire(text),
    })(),
    'password-file': Flags.string({
      description: 'file with the password, - for standard input',
      helpValue: 'FILE',
    }),
    host: Flags.string({
      ...part,
      description: 'host of the broker; several times for a cluster',
      multiple: true,
      multipleNonGreedy: true,
    }),
    port: Flags.string({ ...part, description: 'port of the hosts that name none; 5672, or 5671 with TLS' }),
    user: Flags.string({ ...part, description: 'user to log in as; guest unless given' }),
    vhost: Flags.string({ ...part, description: 'virtual host; / unless given' }),
    exchange: Flags.string({ ...part, description: 'exchange; the default exchange unless given' }),
    'routing-key': Flags.string({
      ...part,
      description: 'routing key; on the default exchange the name of the queue',
    }),
    'tls-domain': Flags.string({ ...part, description: 'TLS domain to connect with' }),
    persistent: Flags.boolean({ ...part, description: 'have messages written to disk' }),
  }

  async run(): Promise<void> {
    const { event } = this.args
    const now = new Date()
    const socket = await this.readSocket()
    const store = await this.context.subscriptions()
    const { subscription, renewed } = await subscribe(
      { event, socket, expire: this.flags.expire ?? null, now },
      store,
    )
    if (this.flags.json) this.printJson({ subscription: subscriptionDocument(subscription, now), renewed })
    else
      this.say(
        renderSubscribed(subscription, renewed, await styleFor(process.stderr, this.context.environment)),
      )
  }

  private async readSocket(): Promise<Socket> {
    const {
      'password-file': passwordFile,
      host: hosts = [],
      'routing-key': routingKey,
      'tls-domain': tlsDomain,
    } = this.flags
    const { port, user, vhost, exchange, persistent } = this.flags
    const byParts = [hosts[0], port, user, vhost, exchange, routingKey, tlsDomain].some(
      (value) => value !== undefined,
    )
    if (this.args.socket !== undefined && (byParts || persistent)) {
      throw new EviError('usage', 'The socket is given twice: as an argument and by parts.')
    }
    const socket =
      this.args.socket === undefined
        ? socketFromParts({ hosts, port, user, vhost, exchange, routingKey, tlsDomain, persistent })
        : parseSocket(this.args.socket)
    return passwordFile === undefined ? socket : { ...socket, password: await readPassword(passwordFile) }
  }
}

function readExpire(text: string): number {
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : 0
  if (seconds >= 1 && seconds <= maximumExpire) return seconds
  throw new EviError(
    'usage',
    `--expire is ${JSON.stringify(text)}, not a whole number of seconds from 1 to ${maximumExpire}.`,
    {
      hint: 'Leave it out for a subscription that lasts; evi unsubscribe ends one now.',
    },
  )
}
