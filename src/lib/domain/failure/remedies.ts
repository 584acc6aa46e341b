import { type Headers, writeHeader } from '#lib/domain/event/message-headers.ts'
import { predeclaredTypes } from '#lib/domain/routing/copying.ts'
import { defaultVhost, type Host, printAddress, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/** What is wrong, in a sentence, and what to do about it: a line for each way, with its command at the end. */
export interface Remedy {
  readonly reason: string
  readonly hint: string
}

/** A command of RabbitMQ's own tool about a vhost, to be pasted where the broker runs. */
export function rabbitmqctl(command: string, vhost: string, ...options: readonly string[]): string {
  const place = vhost === defaultVhost ? [] : ['-p', shellWord(vhost)]
  return ['rabbitmqctl', command, ...place, ...options.map(shellWord)].join(' ')
}

const anyPassword = 'evi password'

/** The command that gives all that is stored with a login another password. */
export function passwordCommand(host: Host, user: string): string {
  return `${anyPassword} --host ${shellWord(printAddress(host))} --user ${shellWord(user)}`
}

/** The same hint at the wizard's prompt, which takes the login and the TLS files itself. @param backKey goes back to the question before */
export function hintForPrompt(hint: string, backKey: string): string {
  const lines = hint.split('\n').map((line) => {
    if (line === anotherVhost) return 'Or type another one here.'
    return line.includes(`${anyPassword} `)
      ? `If not, type the right one here; ${backKey} goes back to the user.`
      : line.replace(/: (?:evi tls-domain set|--passphrase-file) .+/, '.')
  })
  return lines.join('\n')
}

export const anotherVhost = 'Or name another in the socket: vhost=NAME'

/** Where a command of the broker's own tools is to be run, as part of a sentence. */
export function onBroker({ hosts }: Pick<Socket, 'hosts'>): string {
  return ` on ${hosts.map(printAddress).join(' or ')}`
}

/** The command that makes what the socket lacks, with its own login. */
export function declareCommand(socket: Socket): string {
  const { exchange, routingKey } = socket
  // The queue is named by the routing key, else by the exchange; RabbitMQ reserves some names.
  const isUnnamed = exchange !== '' && isReserved(routingKey || exchange)
  return `evi declare ${shellWord(printSocket(socket))}${isUnnamed ? ' --queue QUEUE' : ''}`
}

/** What to do where the socket's exchange is internal. */
export const useOuterExchange =
  'Only other exchanges can publish to it. Use the exchange that is bound to it.'

/** Whether RabbitMQ reserves the name (AMQP 0-9-1: `queue.declare`, `exchange.declare`). */
export function isReserved(name: string): boolean {
  return name.startsWith('amq.')
}

/**
 * What is wrong where there is no such exchange, and how to declare it.
 *
 * @param quote the broker's own sentence, where it said one
 */
export function noExchange(socket: Socket, quote = ''): Remedy {
  const { exchange, vhost } = socket
  return {
    reason: `There is no exchange "${exchange}" in the vhost "${vhost}". ${quote}`.trimEnd(),
    hint: [
      `Check the spelling${onBroker(socket)}: ${rabbitmqctl('list_exchanges', vhost)}`,
      isReserved(exchange)
        ? reservedName('exchange')
        : `Or declare it: ${declareCommand(socket)} --exchange-type topic`,
    ].join('\n'),
  }
}

/**
 * What is wrong where there is no such queue, and how to declare it.
 *
 * @param quote the broker's own sentence, where it said one
 */
export function noQueue(socket: Socket, quote = ''): Remedy {
  const { routingKey, vhost } = socket
  const list = `the spelling${onBroker(socket)}: ${rabbitmqctl('list_queues', vhost)}`
  return {
    reason: `There is no queue "${routingKey}" in the vhost "${vhost}". ${quote}`.trimEnd(),
    hint: (isReserved(routingKey)
      ? [`Check ${list}`, reservedName('queue')]
      : [`Start the consumer that declares it, or declare it: ${declareCommand(socket)}`, `Or check ${list}`]
    ).join('\n'),
  }
}

function reservedName(kind: 'exchange' | 'queue'): string {
  return `It cannot be declared: RabbitMQ reserves names that begin with "amq.". Name another ${kind} in the socket.`
}

/** What is known of a message that no binding takes. */
export interface Unbound {
  /** Of the message. */
  readonly headers?: Headers | undefined
  /** Of the exchange, where it was seen. */
  readonly type?: string | null | undefined
}

/** What is wrong where the exchange has no binding for the message, and how to make one. */
export function noBinding(socket: Socket, { headers = {}, type }: Unbound = {}): Remedy {
  const { exchange, vhost } = socket
  const declare = declareCommand(socket)
  const flags = headerFlags(headers)
  const rule = type ?? predeclaredTypes.get(exchange)
  // RabbitMQ 3 returns the messages to a queue whose node is down, too.
  const binding = type === undefined ? 'binding to a running queue' : 'binding'
  return {
    reason: `The ${withType(exchange, rule)} has no ${binding}${takingIt(socket, rule, flags !== '')}.`,
    hint: [
      `Bind a queue to it: ${declare}${rule === 'headers' ? flags : ''}`,
      ...(rule === undefined && flags !== '' ? [`Or, if it is a headers exchange: ${declare}${flags}`] : []),
      `Or check the spelling${onBroker(socket)}: ${rabbitmqctl('list_bindings', vhost)}`,
    ].join('\n'),
  }
}

function withType(exchange: string, type: string | null | undefined): string {
  const kind = type === 'headers' || type === 'fanout' ? `${type} exchange` : 'exchange'
  return `${kind} "${exchange}"`
}

/** By what an exchange of the type chooses its bindings; one of an unknown type may not go by the key. */
function takingIt({ routingKey }: Socket, type: string | null | undefined, hasHeaders: boolean): string {
  const key = `the routing key "${routingKey}"`
  switch (type) {
    case 'fanout':
      return ''
    case 'headers':
      return ` that matches ${hasHeaders ? "the message's headers" : 'a message without headers'}`
    case 'direct':
    case 'topic':
      return ` that takes ${key}`
    default:
      return ` that takes a message with ${key}`
  }
}

/** Headers that a hint names; a binding by fewer takes the message, too. */
const namedHeaders = 3

/** The flags for a binding that matches the headers; RabbitMQ does not compare those that begin with `x-`. */
function headerFlags(headers: Headers): string {
  return Object.entries(headers)
    .flatMap(([name, value]) => (name.startsWith('x-') ? [] : (writeHeader(name, value) ?? [])))
    .slice(0, namedHeaders)
    .map((header) => ` --header ${shellWord(header)}`)
    .join('')
}

/** What shows the messages to a queue or an exchange that a queue of evi's own must not be bound to. */
export function useFirehose(socket: Pick<Socket, 'hosts' | 'vhost'>): string {
  return `To see copies of all that is published to it: --firehose, once an admin has run${onBroker(socket)}: ${rabbitmqctl('trace_on', socket.vhost)}`
}

/** The broker blocks publishers, which is an alarm for memory or disk on one of its nodes. */
export function seeAlarms(socket: Pick<Socket, 'hosts'>): string {
  return `Free memory or disk; see the alarms${onBroker(socket)}: rabbitmqctl status`
}

/** The broker has the queue, and the node that holds it does not answer. */
export function queueDown(socket: Pick<Socket, 'hosts' | 'vhost'>): string {
  const states = rabbitmqctl('list_queues', socket.vhost, 'name', 'state', 'pid')
  return `Start the node that holds the queue. See both${onBroker(socket)}: ${states}; rabbitmqctl cluster_status`
}
