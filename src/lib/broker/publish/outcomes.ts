import type { MessageProperties } from '#lib/domain/event/message-properties.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import { noBinding, noQueue, onBroker, rabbitmqctl, seeAlarms } from '#lib/domain/failure/remedies.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'

/** The broker rejected a message (basic.nack). */
export function rejected(socket: Socket): PublishFailure {
  const states = rabbitmqctl('list_queues', socket.vhost, 'name', 'state', 'messages', 'policy')
  return {
    code: 'rejected',
    message: 'RabbitMQ rejected the message (nack).',
    hint: `A queue did not take it: it is full (overflow reject-publish), its node is down, or it is a quorum queue without a majority. See them${onBroker(socket)}: ${states}`,
  }
}

/**
 * The broker returned a message (basic.return). An exchange of the type x-delayed-message returns each message that it
 * delays, and routes it later; whether an exchange is of that type cannot be seen over AMQP, so the header decides. The
 * exchanges that every broker has are of other types.
 */
export function returned(socket: Socket, properties: MessageProperties): PublishFailure {
  const { exchange } = socket
  const isPredefined = exchange === '' || exchange.startsWith('amq.')
  if (!isPredefined && properties.headers && 'x-delay' in properties.headers) return maybeDelayed
  const remedy = exchange === '' ? noQueue(socket) : noBinding(socket, { headers: properties.headers })
  return { code: 'unroutable', message: remedy.reason, hint: remedy.hint }
}

const maybeDelayed: PublishFailure = {
  code: 'unknown',
  message:
    'RabbitMQ returned the message, which has the header x-delay. An exchange of the type x-delayed-message returns what it delays, so the message may still arrive.',
  hint: 'Look into the queue after the delay, before you raise it again: it might arrive twice.',
  mayHaveArrived: true,
}

/** The broker blocks publishers, and so did not confirm in time. */
export function blockedFor(reason: string, place: Pick<Socket, 'hosts'>): PublishFailure {
  return {
    code: 'blocked',
    message: `RabbitMQ blocks publishers (${reason}); the message waits or is lost.`,
    hint: seeAlarms(place),
    mayHaveArrived: true,
  }
}

/** The broker did not confirm in time. */
export function unansweredFor(milliseconds: number, place: Pick<Socket, 'hosts' | 'vhost'>): PublishFailure {
  const states = rabbitmqctl('list_queues', place.vhost, 'name', 'state')
  return {
    code: 'timeout',
    message: `RabbitMQ did not answer within ${milliseconds} ms; the message may have arrived.`,
    hint: [
      `A quorum queue without a majority confirms nothing; see the queues${onBroker(place)}: ${states}`,
      'For a slow broker: --reply-timeout 30s',
    ].join('\n'),
    mayHaveArrived: true,
  }
}

/** The failure of messages that were not sent, as those before them got no answer. */
export function neverSent({ code, message, hint }: PublishFailure): PublishFailure {
  return { code, hint, message: `${message.split(';', 1)[0]}; this message was not sent.` }
}
