import { defaultVhost, printAddress, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/** What is wrong, in a sentence, and what to do about it: a line for each way, with its command at the end. */
export interface Remedy {
  readonly reason: string
  readonly hint: string
}

/** A command of RabbitMQ's own tool about a vhost, to be pasted where the broker runs. */
export function rabbitmqctl(command: string, vhost: string, ...words: readonly string[]): string {
  const place = vhost === defaultVhost ? [] : ['-p', shellWord(vhost)]
  return ['rabbitmqctl', command, ...place, ...words.map(shellWord)].join(' ')
}

const anyEvent = 'evi subscribe EVENT'

/** The command that changes a stored socket, for whatever event it is. */
export function subscribeAgain(socket: Socket): string {
  return `${anyEvent} ${shellWord(printSocket(socket))}`
}

/** The same hint, where it is known for which event. */
export function hintForEvent(hint: string, event: string): string {
  return hint.replaceAll(`${anyEvent} `, `evi subscribe ${shellWord(event)} `)
}

/** Where a command of the broker's own tools is to be run, as part of a sentence. */
export function onBroker({ hosts }: Pick<Socket, 'hosts'>): string {
  return ` on ${hosts.map(printAddress).join(' or ')}`
}

/** The command that makes what the socket lacks, with its own login. */
export function declareCommand(socket: Socket, queue?: string): string {
  return [
    'evi declare',
    shellWord(printSocket(socket)),
    ...(queue ? ['--queue', shellWord(queue)] : []),
  ].join(' ')
}

export function noExchange(socket: Socket): Remedy {
  const { exchange, vhost } = socket
  return {
    reason: `There is no exchange "${exchange}" in the vhost "${vhost}".`,
    hint: [
      `Check the spelling${onBroker(socket)}: ${rabbitmqctl('list_exchanges', vhost)}`,
      `Or declare it: ${declareCommand(socket)} --exchange-type topic`,
    ].join('\n'),
  }
}

export function noQueue(socket: Socket): Remedy {
  const { routingKey, vhost } = socket
  return {
    reason: `There is no queue "${routingKey}" in the vhost "${vhost}".`,
    hint: [
      `Start the consumer that declares it, or declare it: ${declareCommand(socket)}`,
      `Or check the spelling${onBroker(socket)}: ${rabbitmqctl('list_queues', vhost)}`,
    ].join('\n'),
  }
}

export function noBinding(socket: Socket): Remedy {
  const { exchange, routingKey, vhost } = socket
  return {
    reason: `The exchange "${exchange}" has no binding that takes the routing key "${routingKey}".`,
    hint: [
      `Bind a queue to it: ${declareCommand(socket, 'QUEUE')}`,
      `Or check the spelling${onBroker(socket)}: ${rabbitmqctl('list_bindings', vhost)}`,
    ].join('\n'),
  }
}

/** A headers exchange does not look at the routing key. */
export function noHeaders(socket: Socket): Remedy {
  const { exchange, vhost } = socket
  return {
    reason: `"${exchange}" is a headers exchange; none of its bindings matches a message without headers.`,
    hint: `See its bindings${onBroker(socket)}: ${rabbitmqctl('list_bindings', vhost)}`,
  }
}

/** The broker has the queue, and the node that holds it does not answer. */
export function queueDown(socket: Pick<Socket, 'hosts' | 'vhost'>): string {
  const states = rabbitmqctl('list_queues', socket.vhost, 'name', 'state', 'pid')
  return `Start the node that holds the queue. See both${onBroker(socket)}: ${states}; rabbitmqctl cluster_status`
}
