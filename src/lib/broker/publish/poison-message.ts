import type { Message } from '#lib/broker/broker.ts'
import { messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { type KnownReply, readReply } from '#lib/broker/errors/broker-replies.ts'
import type { Route, Unconfirmed } from './unconfirmed.ts'

/** A place of messages, as far as the poison message is found by it. */
interface Place extends Route {
  /** The broker has processed a message to it on this connection, so it took messages for it, at least then. */
  readonly isTried: boolean
}

/** What becomes of a message that a closed channel left unconfirmed. */
interface Verdict<M, D> {
  readonly entry: Unconfirmed<M, D>
  /** `failed`: it closed the channel, or would; `isolated`: it may be the one, and is sent alone; `resent`: it is not. */
  readonly end: 'failed' | 'isolated' | 'resent'
  /** The broker may have processed it before the channel was closed. */
  readonly mayHaveArrived: boolean
}

export interface Judgement<M, D> {
  /** In the order of publishing. */
  readonly verdicts: readonly Verdict<M, D>[]
  /** What the next messages meet, too: all to the exchange, those with the routing key, or none. */
  readonly scope: 'exchange' | 'route' | 'message'
}

/**
 * Finds the poison message: the one that closed a channel. RabbitMQ processes a channel's messages in order and none behind the one that
 * closes it; confirms of those before it may be lost with the channel.
 *
 * @param unconfirmed in the order of publishing
 * @param processedTag the broker is known to have processed all up to this delivery tag
 */
export function findPoisonMessage<M extends Message, D extends Place>(
  error: unknown,
  unconfirmed: readonly Unconfirmed<M, D>[],
  processedTag: number,
): Judgement<M, D> {
  const reply = readReply(replyOf(messageOf(error))?.text ?? '')
  const candidates = unconfirmed.filter(({ tag }) => tag > processedTag)
  const named = candidates.length === 1 ? candidates : candidates.filter((entry) => isNamed(entry, reply))
  const poisonous = named.length > 0 ? named : candidates
  const first = poisonous[0]?.tag ?? 0
  const isFound = named.length > 0
  // The poison message is this one at the latest.
  const last =
    isFound && isFirstOfNamed(reply, unconfirmed, processedTag) ? first : (poisonous.at(-1)?.tag ?? 0)
  const verdicts = unconfirmed.map((entry): Verdict<M, D> => {
    const { tag, wasDoubtful } = entry
    const mayBePoison = tag >= first && poisonous.includes(entry)
    // The broker processed none behind the poison message.
    const mayHaveArrived = wasDoubtful || tag <= processedTag || tag < last
    return { entry, end: mayBePoison ? (isFound ? 'failed' : 'isolated') : 'resent', mayHaveArrived }
  })
  return { verdicts, scope: scopeOf(reply) }
}

/**
 * Whether the poison message is the first that the reply names, as the broker refuses all of them alike. It remembers for each channel
 * what it permitted; only where messages to the place went through before may the permission have been taken away in between.
 */
function isFirstOfNamed<M extends Message, D extends Place>(
  reply: KnownReply | undefined,
  unconfirmed: readonly Unconfirmed<M, D>[],
  processedTag: number,
): boolean {
  if (reply?.kind === 'message-too-large') return true
  if (reply?.kind !== 'topic-refused') return false
  return unconfirmed.every(
    (entry) => !isNamed(entry, reply) || (entry.tag > processedTag && !entry.destination.isTried),
  )
}

/** Whether the broker's sentence fits the message. */
function isNamed<M extends Message, D extends Route>(
  { message, destination }: Unconfirmed<M, D>,
  reply: KnownReply | undefined,
): boolean {
  const { exchange, key, size } = reply?.names ?? {}
  switch (reply?.kind) {
    case 'no-exchange':
    case 'exchange-refused':
    case 'internal-exchange':
      return destination.exchange === nameOf(exchange)
    case 'topic-refused':
      return destination.exchange === nameOf(exchange) && destination.routingKey === key
    case 'message-too-large':
      return String(message.body.length) === size
    default:
      return false
  }
}

/** RabbitMQ calls the default exchange by a name of its own in refusals. */
function nameOf(exchange: string | undefined): string | undefined {
  return exchange === 'amq.default' ? '' : exchange
}

function scopeOf(reply: KnownReply | undefined): Judgement<never, never>['scope'] {
  switch (reply?.kind) {
    case 'no-exchange':
    case 'exchange-refused':
    case 'internal-exchange':
      return 'exchange'
    case 'topic-refused':
      return 'route'
    default:
      return 'message'
  }
}
