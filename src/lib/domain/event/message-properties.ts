import { EviError } from '#lib/errors.ts'
import { shortStringLimit, utf8Length } from '#lib/text/characters.ts'

/** The AMQP properties that were asked for; OpenSIPS itself sets none (SPEC 2). */
export interface MessageProperties {
  readonly contentType?: string
  readonly messageId?: string
  readonly headers?: Readonly<Record<string, unknown>>
}

interface PropertyFlags {
  readonly 'content-type'?: string | undefined
  readonly 'message-id'?: string | undefined
  /** `NAME=VALUE` each. */
  readonly header?: readonly string[] | undefined
}

/** @throws EviError `usage` for a malformed header, one given twice, or a text that AMQP has no room for */
export function readMessageProperties(flags: PropertyFlags): MessageProperties {
  const { 'content-type': contentType, 'message-id': messageId, header = [] } = flags
  return {
    ...(contentType === undefined ? {} : { contentType: checkLength('--content-type', contentType) }),
    ...(messageId === undefined ? {} : { messageId: checkLength('--message-id', messageId) }),
    ...(header.length === 0 ? {} : { headers: readHeaders(header) }),
  }
}

function readHeaders(assignments: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=')
    if (equals < 1)
      throw new EviError('usage', `The header ${JSON.stringify(assignment)} is not of the form NAME=VALUE.`)
    const name = checkLength('The name of a header', assignment.slice(0, equals))
    if (headers.has(name)) throw new EviError('usage', `The header ${JSON.stringify(name)} is given twice.`)
    headers.set(name, assignment.slice(equals + 1))
  }
  return Object.fromEntries(headers)
}

function checkLength(what: string, text: string): string {
  const bytes = utf8Length(text)
  if (bytes <= shortStringLimit) return text
  throw new EviError('usage', `${what} is ${bytes} bytes long; AMQP allows ${shortStringLimit}.`)
}
