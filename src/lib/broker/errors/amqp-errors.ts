import type { Reply } from '#lib/broker/connect/handshake-frames.ts'
import { failureOf, type PublishFailure } from '#lib/domain/failure/failure.ts'
import type { ChannelUse } from '#lib/domain/failure/permissions.ts'
import { type Host, printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import { ChannelLimit, EviError, systemCode } from '#lib/errors.ts'
import { readReply } from './broker-replies.ts'
import { connectionHint, replyError } from './reply-errors.ts'
import { replyText } from './reply-text.ts'

/** Every error of amqplib about an open connection becomes one of evi's here; no password can be part of it. */

/** Why an open connection ended. */
export function lossError(error: unknown, host: Host): EviError {
  const message = `The connection to ${printAddress(host)} was lost: ${reasonOf(error)}.`
  const reply = replyOf(messageOf(error))
  const known = reply && readReply(reply.text)
  const hint = reply && connectionHint(known, { hosts: [host] })
  const Loss = known?.kind === 'channel-limit' ? ChannelLimit : EviError
  return new Loss('unreachable', message, { hint, cause: error })
}

/** Why the broker closed a channel, in evi's codes. */
export function channelError(error: unknown, socket: Socket, use: ChannelUse = 'watch'): EviError {
  if (error instanceof EviError) return error
  const reply = replyOf(messageOf(error))
  if (!reply || reply.code === connectionForced) return connectionLost(error)
  return replyError(reply, { socket, use, cause: error })
}

/** The connection went while an answer was waited for. */
export function connectionLost(error: unknown): EviError {
  return new EviError('unreachable', `The connection was lost: ${reasonOf(error)}.`, { cause: error })
}

/** The reply code of a broker that is shut down, or asked to close the connection: it closes the channels with it. */
export const connectionForced = 320

function reasonOf(error: unknown): string {
  if (error instanceof EviError) return error.message
  const reply = replyOf(messageOf(error))
  if (reply) return replyText(reply)
  if (/^Channel ended/.test(messageOf(error))) return 'no answer came any more'
  return protocolViolationOf(error) ?? systemCode(error) ?? messageOf(error)
}

/** What amqplib says of a connection that ended, and not of a broker that said something it must not say. */
const endings =
  /^(?:Unexpected close|Heartbeat timeout|Channel (?:closed|closing|ended)|Connection clos|Socket closed|The connection ended)/i

export const protocolViolation = 'it does not keep to AMQP 0-9-1'

/** How the broker broke the rules of AMQP, if it did: amqplib fails at it in many ways, some by accident. */
export function protocolViolationOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof EviError || endings.test(error.message)) return undefined
  const code = systemCode(error)
  if (code !== undefined && !code.startsWith('ERR_OUT_OF_RANGE') && !code.startsWith('ERR_BUFFER'))
    return undefined
  const accident = code !== undefined || error instanceof TypeError || error instanceof RangeError
  const [line = ''] = error.message.split('\n', 1)
  return `${protocolViolation}${accident ? '' : ` (${line.slice(0, longestDetail)})`}`
}

/** Characters; amqplib's message may quote a whole frame. */
const longestDetail = 100

/** What a closed channel means for the message that was published on it. */
export function closedChannelOutcome(error: unknown, socket: Socket): PublishFailure {
  return failureOf(channelError(error, socket, 'publish'))
}

/** amqplib puts the broker's reply into its message, as `404 (NOT-FOUND) with message "NOT_FOUND - no queue …"`. */
export function replyOf(message: string): Reply | undefined {
  const match = /(\d{3}) \([A-Z-]+\) with message "(.*)"/s.exec(message)
  return match ? { code: Number(match[1]), text: match[2] ?? '' } : undefined
}

/** The text of an error of amqplib, which is not always an `Error`. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
