import { EviError } from '../errors.ts'
import { scheme } from './socket.ts'
import { unprintable } from './text.ts'

const hint = `Write it as ${scheme}user:password@host:port/routing_key or …/exchange?routing_key`
const mask = '***'

/** A refused socket: quoted with its password masked, a caret under the place, and what was expected there. */
export function refuseSocket(text: string, at: number, expected: string): EviError {
  const secret = passwordSpan(text)
  const quoted = secret ? text.slice(0, secret.start) + mask + text.slice(secret.end) : text
  const column = secret ? columnBeside(secret, at) : at
  const shown = [...quoted.slice(0, column)].length
  const line = [...quoted].map((character) => (unprintable.test(character) ? '\u{FFFD}' : character)).join('')
  const message = `The socket cannot be read: ${expected}.\n  ${line}\n  ${' '.repeat(shown)}^`
  return new EviError('usage', message, { hint })
}

/** Masks the password of every socket in a text that is about to be shown, a broken socket's too. */
export function maskPasswords(text: string): string {
  return text.replace(/\b(?:rabbitmq|amqps?):[^\s'"]*/gi, (socket) => {
    const secret = passwordSpan(socket)
    return secret ? socket.slice(0, secret.start) + mask + socket.slice(secret.end) : socket
  })
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
 * Where the password is, or would be if the socket were whole: an unescaped "@" or "/" in it, or a forgotten host,
 * must not bring it to the screen.
 */
function passwordSpan(text: string): Span | undefined {
  if (!text.startsWith(scheme)) return spanInStrangeText(text)
  const colon = text.indexOf(':', scheme.length)
  if (colon < 0) return undefined
  const start = colon + 1
  const slash = text.indexOf('/', scheme.length)
  const authorityEnd = slash < 0 ? text.length : slash
  if (start > authorityEnd) return undefined

  const at = text.lastIndexOf('@', authorityEnd)
  if (at >= start) return { start, end: at }
  if (at >= 0) return undefined
  const place = text.slice(start, authorityEnd)
  if (
    /^\d*(?:,|$)/.test(place) ||
    /^rabbitmq:\[|^rabbitmq:[\da-f]*:[\da-f:.]*$/i.test(text.slice(0, authorityEnd))
  )
    return undefined
  const late = text.lastIndexOf('@')
  return { start, end: Math.max(late, authorityEnd) }
}

/** Somebody's URL, or a socket without its scheme: all between the first ":" and the last "@" may be a password. */
function spanInStrangeText(text: string): Span | undefined {
  const start = text.indexOf(':') + 1
  const end = text.lastIndexOf('@')
  return end >= start ? { start, end } : undefined
}
