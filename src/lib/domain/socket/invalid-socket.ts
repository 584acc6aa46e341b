import { EviError } from '#lib/errors.ts'
import { pointAt } from '#lib/text/layout/point-at.ts'
import { scheme } from './socket.ts'

const form = `Write it as ${scheme}user:password@host:port/routing_key or .../exchange?routing_key`
export const mask = '***'

/** A refused socket: quoted with its password masked, a caret under the place, and what was expected there. */
export function refuseSocket(text: string, at: number, expected: string, hint = form): EviError {
  const secret = passwordSpan(text)
  const quoted = maskBrokenSocket(text)
  const column = secret ? columnBeside(secret, at) : at
  return new EviError('usage', `The socket cannot be read: ${expected}.\n${pointAt(quoted, column)}`, {
    hint,
  })
}

/** A socket that cannot be read, without what may be its password. */
export function maskBrokenSocket(text: string): string {
  const secret = passwordSpan(text)
  return secret ? text.slice(0, secret.start) + mask + text.slice(secret.end) : text
}

/** Whether the part of the socket may belong to a password that was not escaped. */
export function mayBePassword(text: string, part: { readonly text: string; readonly at: number }): boolean {
  const secret = passwordSpan(text)
  return secret !== undefined && part.at < secret.end && part.at + part.text.length > secret.start
}

interface Span {
  readonly start: number
  readonly end: number
}

function columnBeside(secret: Span, at: number): number {
  if (at <= secret.start) return at
  return at >= secret.end ? at - (secret.end - secret.start) + mask.length : secret.start
}

/**
 * Where the password is, or may be: an unescaped "@" or "/" in it, a forgotten host or scheme must not bring it to the
 * screen, so all between the first ":" and the last "@" counts.
 */
function passwordSpan(text: string): Span | undefined {
  const from = /^(?:(?:rabbitmq|amqps?):(?:\/\/)?)?/i.exec(text)?.[0].length ?? 0
  const start = text.indexOf(':', from) + 1
  const end = text.lastIndexOf('@')
  if (start === 0 || end >= start) return start === 0 ? undefined : { start, end }
  if (end >= from) return undefined
  // Without an "@", the password stands where a port would be.
  const [authority = ''] = text.slice(from).split('/', 1)
  const place = text.slice(start, from + authority.length)
  const isBare = /^[\da-f:.]*$/i.test(authority) && authority.split(':').length > 2
  return authority.startsWith('[') || isBare || /^\d*(?:,|$)/.test(place)
    ? undefined
    : { start, end: start + place.length }
}
