import type { Channel, ChannelModel } from 'amqplib'
import { withDeadline } from '#lib/async/deadline.ts'
import type { LookupResult, QueueLookup, Rehearsal } from '#lib/broker/broker.ts'
import {
  channelError,
  closedChannelOutcome,
  connectionLost,
  messageOf,
  replyOf,
} from '#lib/broker/errors/amqp-errors.ts'
import { readReply } from '#lib/broker/errors/broker-replies.ts'
import { quoteReply, replyText } from '#lib/broker/errors/reply-text.ts'
import type { ChannelInside } from '#lib/broker/wire/amqplib-internals.ts'
import { inTime, openChannel, silentBroker } from '#lib/broker/wire/channel.ts'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import { queueDown, seeAlarms } from '#lib/domain/failure/remedies.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'

/** AMQP's numbers of `tx.select` and `tx.rollback`, class 90, each with its answer's (AMQP 0-9-1, 1.9.1). */
const tx = { select: [0x5a000a, 0x5a000b], rollback: [0x5a001e, 0x5a001f] } as const

/** An exchange of the type x-recent-history keeps what it routes even where the transaction is rolled back. */
const leaveNoTrace = { 'x-recent-history-no-store': true }

export interface LookupLimits {
  /** Whose connection it is, for what can be done about a refusal. */
  readonly socket: Socket
  readonly replyTimeout: number
}

/** Asks a question on a channel, which a refusal closes. @throws the reason of its closing, if it came to that */
export type AskOnChannel = <T>(question: (channel: Channel) => Promise<T>) => Promise<T>

/** See `BrokerConnection.findExchange`. */
export async function findExchange(
  ask: AskOnChannel,
  name: string,
  limits: LookupLimits,
): Promise<LookupResult> {
  return await look<LookupResult>(ask, limits, async (channel) => {
    await channel.checkExchange(name)
    return { found: true }
  })
}

/** See `BrokerConnection.findQueue`. */
export async function findQueue(ask: AskOnChannel, name: string, limits: LookupLimits): Promise<QueueLookup> {
  try {
    return await look<QueueLookup>(ask, limits, async (channel) => {
      const { messageCount: messages, consumerCount: consumers } = await channel.checkQueue(name)
      return { found: true, messages, consumers }
    })
  } catch (error) {
    if (!(error instanceof EviError) || error.code !== 'timeout' || error.cause !== undefined) throw error
    throw (await answersOtherwise(ask, limits)) ? silentQueue(name, limits) : error
  }
}

/** RabbitMQ asks the node of a classic queue, for more than a minute where that is down, and answers all else. */
async function answersOtherwise(ask: AskOnChannel, limits: LookupLimits): Promise<boolean> {
  try {
    await findExchange(ask, 'amq.direct', limits)
    return true
  } catch {
    return false
  }
}

function silentQueue(name: string, { socket, replyTimeout }: LookupLimits): EviError {
  const message = `RabbitMQ did not answer within ${replyTimeout} ms for the queue "${name}", but answers for all else: the queue may be down.`
  return new EviError('timeout', message, { hint: queueDown(socket) })
}

export interface RehearsalLimits {
  readonly replyTimeout: number
  /** Resolves with the reason as soon as the broker blocks publishers, which is the last thing it says. */
  readonly blocked: Promise<string>
}

/** See `BrokerConnection.rehearse`. */
export async function rehearse(
  ask: AskOnChannel,
  socket: Socket,
  { replyTimeout, blocked }: RehearsalLimits,
): Promise<Rehearsal> {
  const rehearsed = ask(async (channel): Promise<Rehearsal> => {
    await request(channel, tx.select)
    channel.publish(socket.exchange, socket.routingKey, Buffer.alloc(0), { headers: leaveNoTrace })
    await request(channel, tx.rollback)
    return { status: 'possible' }
  })
  const outcome = Promise.race([
    blocked.then((reason) => blockedOutcome(reason, socket)),
    rehearsed.catch((error) => closedChannelOutcome(error, socket)),
  ])
  const answer = await withDeadline(outcome, replyTimeout)
  return answer === 'late' ? { code: 'timeout', message: silentBroker(replyTimeout).message } : answer
}

function blockedOutcome(reason: string, socket: Socket): PublishFailure {
  return {
    code: 'blocked',
    message: `RabbitMQ blocks publishers (${reason}).`,
    hint: seeAlarms(socket),
  }
}

/** Looks for a thing that need not be there, nor be for this user's eyes. */
async function look<T>(
  ask: AskOnChannel,
  { socket, replyTimeout }: LookupLimits,
  question: (channel: Channel) => Promise<T>,
): Promise<T> {
  const answer = ask(question).catch((error) => refusedLook(error, socket))
  return (await inTime(replyTimeout, answer)) as T
}

function refusedLook(error: unknown, socket: Socket): QueueLookup {
  if (error instanceof EviError) throw error
  const reply = replyOf(messageOf(error))
  if (!reply) throw connectionLost(error)
  const known = readReply(reply.text)
  switch (known?.kind) {
    case 'exchange-refused':
    case 'queue-refused':
      return { found: 'forbidden', reason: replyText(reply), user: known.names.user }
    case 'no-exchange':
    case 'no-queue':
      return { found: false, quote: quoteReply(reply) }
    case 'queue-locked':
      return { found: 'exclusive' }
    default:
      throw channelError(error, socket)
  }
}

/** Each question gets a channel of its own. */
export function onOwnChannel(model: ChannelModel): AskOnChannel {
  return async (question) => {
    const channel = await openChannel(model)
    let closedBy: unknown
    channel.on('error', (error) => {
      closedBy = error
    })
    try {
      const answer = await question(channel)
      await channel.close()
      return answer
    } catch (error) {
      throw closedBy ?? error
    }
  }
}

async function request(channel: Channel, [method, answer]: readonly [number, number]): Promise<void> {
  await (channel as ChannelInside).rpc(method, {}, answer)
}
