import { defaultVhost, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
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

/** The command that gives a user all permissions on a vhost. */
export function grantAll({ user, vhost }: Pick<Socket, 'user' | 'vhost'>): string {
  return rabbitmqctl('set_permissions', vhost, user, '.*', '.*', '.*')
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

export function noExchange({ exchange, vhost }: Socket): Remedy {
  return {
    reason: `There is no exchange "${exchange}" in the vhost "${vhost}".`,
    hint: [
      `If its name is misspelt, those there are: ${rabbitmqctl('list_exchanges', vhost)}`,
      `Else declare it: ${declare('exchange', vhost, `name=${exchange}`, 'type=topic')}`,
    ].join('\n'),
  }
}

export function noQueue({ routingKey, vhost }: Socket): Remedy {
  return {
    reason: `There is no queue "${routingKey}" in the vhost "${vhost}".`,
    hint: [
      `If the routing key is misspelt, the queues there are: ${rabbitmqctl('list_queues', vhost)}`,
      `Else start the consumer that declares it, or: ${declare('queue', vhost, `name=${routingKey}`)}`,
    ].join('\n'),
  }
}

export function noBinding({ exchange, routingKey, vhost }: Socket): Remedy {
  const binding = declare(
    'binding',
    vhost,
    `source=${exchange}`,
    'destination=QUEUE',
    `routing_key=${routingKey}`,
  )
  return {
    reason: `The exchange "${exchange}" has no binding that takes the routing key "${routingKey}".`,
    hint: [
      `If the routing key is misspelt, the bindings there are: ${rabbitmqctl('list_bindings', vhost)}`,
      `Else bind a queue: ${binding}`,
    ].join('\n'),
  }
}

/** A headers exchange does not look at the routing key. */
export function noHeaders({ exchange, vhost }: Socket): Remedy {
  return {
    reason: `The exchange "${exchange}" goes by headers, and has no binding that takes an event without any.`,
    hint: `Its bindings: ${rabbitmqctl('list_bindings', vhost)}`,
  }
}

/** The management plugin's own tool can do what `rabbitmqctl` cannot. */
function declare(thing: string, vhost: string, ...words: readonly string[]): string {
  const place = vhost === defaultVhost ? [] : ['-V', shellWord(vhost)]
  return ['rabbitmqadmin', ...place, 'declare', thing, ...words.map(shellWord)].join(' ')
}
