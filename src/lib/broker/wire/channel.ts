import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel } from 'amqplib'
import { withDeadline } from '#lib/async/deadline.ts'
import { channelError, messageOf } from '#lib/broker/errors/amqp-errors.ts'
import { closedChannelLinger } from '#lib/domain/failure/channel-limit.ts'
import type { ChannelUse } from '#lib/domain/failure/permissions.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { ConnectionFull, EviError } from '#lib/errors.ts'
import { insideOf, isClosed } from './amqplib-internals.ts'

/** Of a connection whose user may have few channels. */
interface SparingUse {
  /** When a channel was closed last. */
  closedAt: number
  /** Milliseconds that it took to open the last channel. */
  openedIn: number
}

const sparingUses = new WeakMap<ChannelModel, SparingUse>()

/** From now on, no channel is opened while the broker may still count one that was closed. */
export function openSparingly(model: ChannelModel): void {
  if (!sparingUses.has(model)) sparingUses.set(model, { closedAt: Number.NEGATIVE_INFINITY, openedIn: 0 })
}

interface OpenChannelOptions {
  /** With publisher confirms. */
  readonly confirm?: boolean
  /** Another channel is being closed for it. */
  readonly isReplacement?: boolean
}

/**
 * Opens a channel. The requests that the broker refuses fail with its reply.
 *
 * @throws EviError `unreachable` where the channel was closed right behind its opening, or is one more than the broker allows
 */
export async function openChannel(
  model: ChannelModel,
  { confirm = false, isReplacement = false }: OpenChannelOptions = {},
): Promise<Channel> {
  const sparing = sparingUses.get(model)
  if (sparing && isReplacement) sparing.closedAt = performance.now()
  if (sparing) await forgottenClosing(sparing)
  if (isOver(model)) throw new EviError('unreachable', 'The connection is closed.')
  const start = performance.now()
  const opening = confirm ? model.createConfirmChannel() : model.createChannel()
  const channel = await opening.catch((error) => {
    throw /^No channels left/.test(messageOf(error)) ? connectionFull(model) : error
  })
  // amqplib counts the confirms of what it published itself, and would do so for minutes, up to whatever tag a broker names.
  channel.removeAllListeners('ack').removeAllListeners('nack')
  // The request that failed reports it, too; without a listener it would be thrown.
  channel.on('error', () => {})
  if (sparing) {
    sparing.openedIn = performance.now() - start
    channel.on('close', () => {
      sparing.closedAt = performance.now()
    })
  }
  // It was closed before this function went on, so no listener was called; a broker that shuts down does this.
  if (isClosed(channel))
    throw new EviError('unreachable', 'RabbitMQ closed the channel right after opening it.')
  return channel
}

/** amqplib would take a number for the channel all the same, and have none left after some attempts. */
function isOver(model: ChannelModel): boolean {
  const { stream } = insideOf(model)
  return stream.writableEnded || stream.destroyed
}

async function forgottenClosing(sparing: SparingUse): Promise<void> {
  const left = () => sparing.closedAt + closedChannelLinger(sparing.openedIn) - performance.now()
  for (let wait = left(); wait > 0; wait = left()) await sleep(wait)
}

function connectionFull(model: ChannelModel): ConnectionFull {
  const { channelMax } = insideOf(model)
  const message = `The connection has no channel left: the broker allows ${channelMax} on each.`
  return new ConnectionFull('unreachable', message, {
    hint: 'On the broker, raise its setting channel_max.',
  })
}

/**
 * Makes a request on a channel of a socket.
 *
 * @throws EviError where the broker refused the request, which closed its channel
 */
export async function ask<T>(socket: Socket, request: () => Promise<T>, use?: ChannelUse): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw channelError(error, socket, use)
  }
}

/** Waits for an answer of the broker. @throws EviError `timeout` when the broker takes longer than `milliseconds` */
export async function inTime<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  const inTime = await withDeadline(answer, milliseconds)
  if (inTime === 'late') throw silentBroker(milliseconds)
  return inTime
}

/** The failure of a request that the broker did not answer in time, in milliseconds. */
export function silentBroker(milliseconds: number): EviError {
  return new EviError('timeout', `RabbitMQ did not answer within ${milliseconds} ms.`, {
    hint: [
      'For a slow broker: EVI_TIMEOUT=MS',
      'A cluster that lost the majority of its nodes is silent, too; see on the broker which run: rabbitmqctl cluster_status',
    ].join('\n'),
  })
}
