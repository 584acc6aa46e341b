import type { ChannelModel } from 'amqplib'
import type { ExchangeFacts } from '#lib/broker/broker.ts'
import { channelError, messageOf, replyOf } from '#lib/broker/errors/amqp-errors.ts'
import { readReply } from '#lib/broker/errors/broker-replies.ts'
import { replyText } from '#lib/broker/errors/reply-text.ts'
import { inTime, openChannel } from '#lib/broker/wire/channel.ts'
import { noExchange } from '#lib/domain/failure/remedies.ts'
import { predeclaredTypes } from '#lib/domain/routing/copying.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'

/** What is not known, as where the user may not configure the exchange. */
const unknown: ExchangeFacts = { type: undefined, alternate: undefined, autoDelete: undefined }

/** In this order RabbitMQ compares an exchange's fields, and its arguments after them. */
const comparedFields = ['type', 'durable', 'auto_delete', 'internal'] as const

/** A guess at the fields, each corrected by the refusal that names it. */
type Guess = Record<(typeof comparedFields)[number], string>

/**
 * See `BrokerConnection.describeExchange`. RabbitMQ refuses to declare an exchange that exists with other fields, and
 * names the first that differs; so each refusal shows one. The argument makes sure that no declaration ever succeeds:
 * an alternate exchange that is a number is refused for a new exchange, and equals that of no other.
 */
export async function describeExchange(
  model: ChannelModel,
  socket: Socket,
  replyTimeout: number,
): Promise<ExchangeFacts> {
  const type = predeclaredTypes.get(socket.exchange)
  if (type !== undefined) return { type, alternate: null, autoDelete: false }
  // Another broker might declare it.
  if (model.connection.serverProperties.product !== 'RabbitMQ') return unknown
  const guess: Guess = { type: 'topic', durable: 'true', auto_delete: 'false', internal: 'false' }
  // Of the compared fields, so many are known.
  let known = 0
  for (let question = 0; question <= comparedFields.length; question++) {
    const difference = differenceIn(await refusal(model, { socket, guess, replyTimeout }), socket)
    if (difference?.field === alternateArgument) {
      const alternate = difference.current === 'none' ? null : unquoted(difference.current)
      return { ...factsOf(guess, comparedFields.length), alternate }
    }
    const at = (comparedFields as readonly string[]).indexOf(difference?.field ?? '')
    const field = comparedFields[at]
    if (field === undefined || difference === undefined) break
    guess[field] = unquoted(difference.current)
    known = at + 1
  }
  return factsOf(guess, known)
}

function factsOf(guess: Guess, known: number): ExchangeFacts {
  return {
    type: known > 0 ? guess.type : undefined,
    alternate: undefined,
    autoDelete: known > comparedFields.indexOf('auto_delete') ? guess.auto_delete === 'true' : undefined,
  }
}

interface Question {
  readonly socket: Socket
  readonly guess: Guess
  readonly replyTimeout: number
}

/** RabbitMQ's sentence about the first difference; undefined where it does not say one. @throws EviError `no-exchange` */
async function refusal(
  model: ChannelModel,
  { socket, guess, replyTimeout }: Question,
): Promise<string | undefined> {
  const channel = await inTime(replyTimeout, openChannel(model))
  const declaration = channel.assertExchange(socket.exchange, guess.type, {
    durable: guess.durable === 'true',
    autoDelete: guess.auto_delete === 'true',
    internal: guess.internal === 'true',
    arguments: { [alternateArgument]: 1 },
  })
  try {
    await inTime(replyTimeout, declaration)
    return undefined
  } catch (error) {
    const reply = replyOf(messageOf(error))
    if (!reply) throw channelError(error, socket)
    switch (readReply(reply.text)?.kind) {
      case 'inequivalent':
        return replyText(reply)
      case 'invalid-alternate':
      // Said of exchanges alone that are not there.
      case 'reserved-name':
        throw missing(socket)
      case 'exchange-refused':
      case undefined:
        return undefined
      default:
        throw channelError(error, socket)
    }
  }
}

function missing(socket: Socket): EviError {
  const { reason, hint } = noExchange(socket)
  return new EviError('no-exchange', reason, { hint })
}

const alternateArgument = 'alternate-exchange'

interface Difference {
  readonly field: string
  /** As RabbitMQ writes it. */
  readonly current: string
}

/** Which field differs, and what it is; undefined where the refusal does not say. */
function differenceIn(sentence: string | undefined, socket: Socket): Difference | undefined {
  const { exchange, vhost } = socket
  const [, field, rest] = /^inequivalent arg '([\w-]+)' for (.*)$/s.exec(sentence ?? '') ?? []
  const named = `exchange '${exchange}' in vhost '${vhost}': received `
  const but = ' but current is '
  if (field === undefined || !rest?.startsWith(named) || !rest.includes(but, named.length)) return undefined
  return { field, current: rest.slice(rest.indexOf(but, named.length) + but.length) }
}

/** RabbitMQ puts a name into quotes, and one that is no plain word of Erlang into two pairs of them: `''x-random''`. */
function unquoted(text: string): string {
  return text.replace(/^'(.*)'$/s, '$1').replace(/^'(.*)'$/s, '$1')
}
