import { EviError } from '#lib/errors.ts'
import { shortStringLimit, utf8Length } from '#lib/text/characters.ts'
import { type Headers, readHeaders } from './message-headers.ts'

/** The AMQP properties that were asked for; OpenSIPS itself sets none (docs/raising.md). */
export interface MessageProperties {
  readonly contentType?: string
  readonly messageId?: string
  readonly headers?: Headers
}

interface PropertyFlags {
  readonly 'content-type'?: string | undefined
  readonly 'message-id'?: string | undefined
  /** `NAME=VALUE` or `NAME:=JSON` each. */
  readonly header?: readonly string[] | undefined
}

/** @throws EviError `usage` for a text that AMQP has no room for; `usage`, `data` as `readHeaders` */
export function readMessageProperties(flags: PropertyFlags): MessageProperties {
  const { 'content-type': contentType, 'message-id': messageId, header = [] } = flags
  return {
    ...(contentType === undefined ? {} : { contentType: checkLength('--content-type', contentType) }),
    ...(messageId === undefined ? {} : { messageId: checkLength('--message-id', messageId) }),
    ...(header.length === 0 ? {} : { headers: readHeaders(header) }),
  }
}

function checkLength(what: string, text: string): string {
  const bytes = utf8Length(text)
  if (bytes <= shortStringLimit) return text
  throw new EviError('usage', `${what} is ${bytes} bytes long; AMQP allows ${shortStringLimit}.`)
}
