import type { Headers } from '#lib/domain/event/message-headers.ts'
import { escapePattern } from '#lib/domain/failure/permission-patterns.ts'
import { defaultExchange, permit } from '#lib/domain/failure/permissions.ts'
import { isReserved, rabbitmqctl } from '#lib/domain/failure/remedies.ts'
import { type Host, printAddress, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import { copyingBinding } from './copying.ts'

export const queueTypes = ['classic', 'quorum', 'stream'] as const
type QueueType = (typeof queueTypes)[number]

/** What can be declared on a broker; exchanges and queues are durable. */
export type Declaration = ExchangeDeclaration | QueueDeclaration | BindingDeclaration

export interface ExchangeDeclaration {
  readonly kind: 'exchange'
  readonly name: string
  /** Such as `topic`; undefined for one that has to exist. */
  readonly type: string | undefined
}

export interface QueueDeclaration {
  readonly kind: 'queue'
  readonly name: string
  /** Undefined for the vhost's default type. */
  readonly type: QueueType | undefined
}

export interface BindingDeclaration {
  readonly kind: 'binding'
  readonly exchange: string
  readonly queue: string
  readonly routingKey: string
  /** The binding's arguments, which a headers exchange compares with the headers. */
  readonly headers: Headers
}

export interface DeclareOptions {
  readonly queue?: string | undefined
  readonly type?: QueueType | undefined
  readonly exchangeType?: string | undefined
  readonly headers?: Headers | undefined
}

/**
 * What has to be on the broker for an event of the socket to reach a queue, in the order in which it is declared: the
 * queue of the routing key's name on the default exchange; else exchange, queue and binding, the queue being named by
 * the routing key, or by the exchange where that is empty.
 *
 * @throws EviError `usage` for options that do not apply to the socket
 */
export function declarationsFor(socket: Socket, options: DeclareOptions): readonly Declaration[] {
  const { exchange, routingKey } = socket
  const { type, exchangeType, headers = {} } = options
  if (exchange === '') {
    refuseOptions(socket, options)
    return [
      { kind: 'queue', name: queueName(routingKey, 'Name it in the socket: rabbitmq:HOST/QUEUE'), type },
    ]
  }
  const queue = queueName(
    options.queue ?? (routingKey === '' ? exchange : routingKey),
    'Name the queue: --queue NAME',
  )
  return [
    { kind: 'exchange', name: exchange, type: exchangeType },
    { kind: 'queue', name: queue, type },
    { kind: 'binding', exchange, queue, routingKey, headers },
  ]
}

/** The binding as an exchange of the type takes it; undefined for a type that is not known. */
export function bindingFor(binding: BindingDeclaration, type: string | undefined): BindingDeclaration {
  if (type === undefined) return binding
  const { routingKey, headers } = binding
  return {
    ...binding,
    routingKey: requiredKeys.get(type) ?? routingKey,
    headers: { ...copyingBinding(type), ...headers },
  }
}

/** What RabbitMQ demands as the key of a binding, whatever the keys of the messages. */
const requiredKeys: ReadonlyMap<string, string> = new Map([
  // The share of the messages that the queue gets.
  ['x-consistent-hash', '1'],
  ['x-local-random', ''],
])

function refuseOptions(socket: Socket, { queue, exchangeType, headers }: DeclareOptions): void {
  const { routingKey } = socket
  if (queue !== undefined && queue !== routingKey) {
    throw new EviError(
      'usage',
      `On the default exchange the queue has the routing key's name, "${routingKey}".`,
      {
        hint: 'Leave out --queue, or name an exchange in the socket: rabbitmq:HOST/EXCHANGE?ROUTING_KEY',
      },
    )
  }
  const flag = exchangeType !== undefined ? '--exchange-type' : headers === undefined ? undefined : '--header'
  if (!flag) return
  const printed = printSocket(socket)
  throw new EviError('usage', `${flag} is for a named exchange, and ${printed} has none.`, {
    hint: `Declare its queue alone: evi declare ${shellWord(printed)}`,
  })
}

function queueName(name: string, hint: string): string {
  if (name !== '' && !isReserved(name)) return name
  const reason = name === '' ? 'A queue needs a name' : `RabbitMQ reserves names like "${name}"`
  throw new EviError('usage', `${reason}.`, { hint })
}

interface Declarer {
  /** Who was really logged in. */
  readonly user: string
  /** Those of the login, as the command takes the place of what the user had. */
  readonly sockets: readonly [Socket, ...Socket[]]
  /** What they need. */
  readonly declarations: readonly Declaration[]
}

/** How to let the user do what `permitDeclaring` permits. What the command sets takes the place of what the user had. */
export function grantToDeclare({ host, ...declarer }: Declarer & { readonly host: Host }): string {
  const seen = rabbitmqctl('list_user_permissions', '/', declarer.user)
  return [
    `What "${declarer.user}" may do now on ${printAddress(host)}: ${seen}`,
    `To let it do only this instead, there: ${permitDeclaring(declarer)}`,
  ].join('\n')
}

/** The command that lets a user declare, publish to, and bind what the sockets need, and nothing else. */
export function permitDeclaring({ user, sockets, declarations }: Declarer): string {
  const exchanges = sockets.map(({ exchange }) => exchange)
  const configured = declarations.flatMap((one) =>
    one.kind === 'queue' || (one.kind === 'exchange' && one.type !== undefined) ? one.name : [],
  )
  const bound = declarations.flatMap((one) => (one.kind === 'binding' ? one.queue : []))
  const patterns = (names: readonly string[]) => new Set(names.map(escapePattern))
  return permit(sockets[0], user, {
    configure: patterns(configured),
    write: patterns([...exchanges.map((name) => name || defaultExchange), ...bound]),
    read: patterns(exchanges.filter((name) => name !== '')),
  })
}
