import type { Message } from '#lib/broker/broker.ts'
import { messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { type KnownReply, readReply } from '#lib/broker/errors/broker-replies.ts'
import type { Route, Unconfirmed } from './unconfirmed.ts'

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
export function findPoisonMessage<M extends Message, D extends Route>(
  error: unknown,
  unconfirmed: readonly Unconfirmed<M, D>[],
  processedTag: number,
): Judgement<M, D> {
  const reply = readReply(replyOf(messageOf(error))?.text ?? '')
  const candidates = unconfirmed.filter(({ tag }) => tag > processedTag)
  const named = candidates.length === 1 ? candidates : candidates.filter((entry) => isNamed(entry, reply))
  const poisonous = named.length > 0 ? named : candidates
  const [first, last] = [poisonous[0]?.tag ?? 0, poisonous.at(-1)?.tag ?? 0]
  const isFound = named.length > 0
  const verdicts = unconfirmed.map((entry): Verdict<M, D> => {
    const { tag, wasDoubtful } = entry
    const mayBePoison = tag >= first && poisonous.includes(entry)
    // The broker processed none behind the poison message, which is the last of these at most.
    const mayHaveArrived = wasDoubtful || tag <= processedTag || tag < last
    return { entry, end: mayBePoison ? (isFound ? 'failed' : 'isolated') : 'resent', mayHaveArrived }
  })
  return { verdicts, scope: scopeOf(reply) }
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
