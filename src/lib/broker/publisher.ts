import type { Channel, ChannelModel, ConfirmChannel, Options } from 'amqplib'
import { noBinding, noQueue } from '../domain/remedies.ts'
import type { Publication, PublishOutcome } from './broker.ts'
import { closedChannelOutcome } from './broker-errors.ts'
import { withDeadline } from './deadline.ts'

export interface PublishLimits {
  /** Milliseconds for each reply of the broker. */
  readonly replyTimeout: number
  /** Why the broker blocks publishers, while it does. */
  readonly blocked: () => string | undefined
}

/** Publishes one message on a channel of its own and learns its fate. */
export async function publish(
  model: ChannelModel,
  publication: Publication,
  limits: PublishLimits,
): Promise<PublishOutcome> {
  const outcome = await withDeadline(publishUnlimited(model, publication), limits.replyTimeout)
  if (outcome !== 'late') return outcome
  const blocked = limits.blocked()
  if (blocked === undefined) {
    const reason = `RabbitMQ did not answer within ${limits.replyTimeout} ms; the message may have arrived.`
    return { status: 'timeout', code: 'timeout', reason, hint: 'For a slow broker: --timeout MS' }
  }
  const reason = `RabbitMQ blocks publishers (${blocked}); the message waits or is lost.`
  return { status: 'timeout', code: 'blocked', reason, hint: 'See the alarms: rabbitmqctl status' }
}

async function publishUnlimited(model: ChannelModel, publication: Publication): Promise<PublishOutcome> {
  const { confirm } = publication
  let closedBy: unknown
  let returned = false
  try {
    const channel = confirm ? await model.createConfirmChannel() : await model.createChannel()
    leaveOutEmptyHeaders(channel)
    channel.on('error', (error) => {
      closedBy = error
    })
    channel.on('return', () => {
      returned = true
    })
    const fate = confirm
      ? await confirmed(channel as ConfirmChannel, publication)
      : await handled(channel, publication)
    return returned ? unroutable(publication) : fate
  } catch (error) {
    return closedChannelOutcome(closedBy ?? error, publication.socket)
  }
}

interface Sender {
  sendMessage(fields: object, properties: { headers?: object | undefined }, content: Buffer): boolean
}

/** amqplib sends an empty headers table with every message; OpenSIPS sends no property at all. */
function leaveOutEmptyHeaders(channel: Channel): void {
  const sender = channel as unknown as Sender
  const send = sender.sendMessage.bind(sender)
  sender.sendMessage = (fields, properties, content) => {
    // amqplib puts the headers that were asked for on the prototype.
    for (const _ in properties.headers) return send(fields, properties, content)
    return send(fields, { ...properties, headers: undefined }, content)
  }
}

/** A confirm comes after the return of the same message, and for an unroutable one too. */
async function confirmed(channel: ConfirmChannel, publication: Publication): Promise<PublishOutcome> {
  const { exchange, routingKey } = publication.socket
  const { promise, resolve, reject } = Promise.withResolvers<PublishOutcome>()
  channel.publish(exchange, routingKey, publication.body, optionsOf(publication), (error) => {
    if (!error) resolve({ status: 'confirmed' })
    else if (error.message === 'message nacked')
      resolve({ status: 'rejected', code: 'rejected', reason: 'RabbitMQ rejected the message (nack).' })
    else reject(error)
  })
  return await promise
}

/**
 * Without confirms, any later request on the same channel is answered only after the message was handled: the reply
 * tells that no return and no closing of the channel is to come.
 */
async function handled(channel: Channel, publication: Publication): Promise<PublishOutcome> {
  const { exchange, routingKey } = publication.socket
  channel.publish(exchange, routingKey, publication.body, optionsOf(publication))
  await channel.prefetch(0)
  return { status: 'sent' }
}

function optionsOf({ socket, properties }: Publication): Options.Publish {
  return { mandatory: true, ...(socket.persistent ? { persistent: true } : {}), ...properties }
}

function unroutable({ socket }: Publication): PublishOutcome {
  const remedy = socket.exchange === '' ? noQueue(socket) : noBinding(socket)
  return { status: 'unroutable', code: 'unroutable', ...remedy }
}
