import { EviError } from '#lib/errors.ts'
import { shortStringLimit, utf8Length } from '#lib/text/characters.ts'
import { type Headers, readHeaders } from './message-headers.ts'

/** The AMQP properties that were asked for; OpenSIPS itself sets none (docs/raising.md). */
export interface MessageProperties {
  readonly contentType?: string
  readonly messageId?: string
  readonly correlationId?: string
  /** Milliseconds, as text. */
  readonly expiration?: string
  readonly priority?: number
  readonly replyTo?: string
  readonly type?: string
  readonly appId?: string
  readonly headers?: Headers
}

interface PropertyFlags {
  readonly 'content-type'?: string | undefined
  readonly 'message-id'?: string | undefined
  readonly 'correlation-id'?: string | undefined
  /** Milliseconds. */
  readonly expiration?: number | undefined
  readonly priority?: number | undefined
  readonly 'reply-to'?: string | undefined
  readonly type?: string | undefined
  readonly 'app-id'?: string | undefined
  /** `NAME=VALUE` or `NAME:=JSON` each. */
  readonly header?: readonly string[] | undefined
}

/**
 * The properties of a message that the flags give.
 *
 * @throws EviError `usage` for a text that AMQP has no room for; `usage`, `data` as `readHeaders`
 */
export function readMessageProperties(flags: PropertyFlags): MessageProperties {
  const { expiration, priority, header = [] } = flags
  const texts = textFlags.flatMap(([property, flag]) => {
    const text = flags[flag]
    return text === undefined ? [] : [[property, checkLength(`--${flag}`, text)] as const]
  })
  return {
    ...Object.fromEntries(texts),
    ...(expiration === undefined ? {} : { expiration: String(expiration) }),
    ...(priority === undefined ? {} : { priority }),
    ...(header.length === 0 ? {} : { headers: readHeaders(header) }),
  }
}

const textFlags = [
  ['contentType', 'content-type'],
  ['messageId', 'message-id'],
  ['correlationId', 'correlation-id'],
  ['replyTo', 'reply-to'],
  ['type', 'type'],
  ['appId', 'app-id'],
] as const

function checkLength(what: string, text: string): string {
  const bytes = utf8Length(text)
  if (bytes <= shortStringLimit) return text
  throw new EviError('usage', `${what} is ${bytes} bytes long; AMQP allows ${shortStringLimit}.`)
}
