import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { EviError } from '#lib/errors.ts'
import { hasBlankOrUnprintable, utf8Length } from '#lib/text/characters.ts'

const maximumBytes = 64

/**
 * Checks an event's name (docs/raising.md): 1 to 64 bytes of UTF-8, no blanks, no control characters.
 * A socket in its place is the usual slip, and is recognized.
 *
 * @throws EviError `usage`
 */
export function checkEventName(name: string): string {
  if (name === lastGood) return name
  const problem = problemOf(name)
  if (problem) throw new EviError('usage', problem, { hint: 'An event has a name like E_PIKE_BLOCKED.' })
  lastGood = name
  return name
}

/** Most lines of a stream have the name of the line before. */
let lastGood: string | undefined

function problemOf(name: string): string | undefined {
  if (name === '') return 'The event name is empty.'
  // A login without its scheme as well: as an event's name, its password would be shown.
  if (name.startsWith('rabbitmq:') || (name.includes('@') && maskPasswords(name) !== name))
    return 'A socket stands where the event name belongs.'
  if (name === '-') return 'The event name "-" is kept for standard input.'
  if (hasBlankOrUnprintable(name))
    return `The event name ${JSON.stringify(name)} has a blank or a control character in it.`
  const bytes = utf8Length(name)
  if (bytes > maximumBytes)
    return `The event name is ${bytes} bytes long, more than the ${maximumBytes} allowed.`
  return undefined
}
