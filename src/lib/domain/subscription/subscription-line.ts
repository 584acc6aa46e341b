import { checkEventName } from '#lib/domain/event/event-name.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { readExpire } from './subscription.ts'

/** A line of `evi subscribe --batch`. */
export interface SubscriptionLine {
  readonly event: string
  readonly socket: Socket
  /** Seconds, null for ever; undefined where the line does not say. */
  readonly expire: number | null | undefined
}

/**
 * Reads `EVENT SOCKET [TIME]`, or a JSON object with these, such as `evi list --json` has in its list. Undefined for
 * an empty line and for a comment, which starts with `#`.
 *
 * @throws EviError why it is neither, a password in it masked
 */
export function readSubscriptionLine(text: string): SubscriptionLine | undefined {
  const line = text.trim()
  if (line === '' || line.startsWith('#')) return undefined
  return line.startsWith('{') ? readObject(line) : readWords(line)
}

function readWords(line: string): SubscriptionLine {
  const [event = '', socket, expire, ...more] = line.split(/\s+/)
  if (socket === undefined || more.length > 0) throw new EviError('data', `${wanted}.`)
  return {
    event: checkEventName(event),
    socket: parseSocket(socket),
    expire: expire === undefined ? undefined : readExpire('The expiry', expire),
  }
}

function readObject(line: string): SubscriptionLine {
  let value: { readonly event?: unknown; readonly socket?: unknown; readonly expire?: unknown }
  try {
    value = JSON.parse(line)
  } catch (error) {
    // Its message would quote the line, and with it a password.
    throw new EviError('data', 'Not JSON.', { cause: error })
  }
  const { event, socket, expire } = value
  if (typeof event !== 'string' || typeof socket !== 'string')
    throw new EviError('data', 'The members "event" and "socket" are not both there as strings.')
  return {
    event: checkEventName(event),
    socket: parseSocket(socket),
    expire: expire === undefined || expire === null ? expire : readExpire('"expire"', String(expire)),
  }
}

const wanted = 'Not of the form EVENT SOCKET [TIME], nor a JSON object'
