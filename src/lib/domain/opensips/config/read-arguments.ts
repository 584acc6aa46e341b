import { checkEventName } from '#lib/domain/event/event-name.ts'
import { ConfigFault, unicodeOf } from '#lib/domain/opensips/config/syntax/source.ts'
import { canRegister } from '#lib/domain/opensips/registered-event.ts'
import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { EviError } from '#lib/errors.ts'
import type { Made } from './made-subscriptions.ts'
import type { Warn } from './read-parameters.ts'
import type { Known, Values } from './values.ts'

/** In OpenSIPS, which does not start with a longer one. */
const longestEvent = 64

/** Reads the arguments of `subscribe_event`, with a warning where a variable stands in them or evi cannot take them. */
export class ArgumentReader {
  readonly #defined: Values
  readonly #warn: Warn

  /** @param defined values that are given by the user, who knows them */
  constructor(defined: Values, warn: Warn) {
    this.#defined = defined
    this.#warn = warn
  }

  /** The name of the event; undefined where evi cannot take it. */
  event({ statement, event }: Made): string | undefined {
    const { at } = statement
    const unregistered =
      'OpenSIPS registers no event for a name in a variable, and the subscription fails in silence where nothing else registers it'
    if ('unknown' in event) {
      this.#warn(
        at,
        'variable',
        `The event is ${event.unknown.join(' and ')}: ${unregistered}. Not taken; to give its name: --define`,
      )
      return undefined
    }
    if (this.#assigned(event).length > 0) {
      this.#warn(at, 'variable', `The event is ${statement.event.value}: ${unregistered}. Not taken.`)
      return undefined
    }
    // Counted by its bytes, each of which is a character here.
    if (event.value.length > longestEvent)
      throw new ConfigFault(at, `the name of an event has ${longestEvent} bytes at most`)
    const name = unicodeOf(event.value)
    try {
      if (name === undefined)
        this.#warn(at, 'refused-event', 'The name of the event is not UTF-8. Not taken.')
      else if (!canRegister(name))
        this.#warn(
          at,
          'refused-event',
          'There is a "$" in the name of the event: OpenSIPS registers no such event, and the subscription fails in silence; 4.0 may crash. Not taken.',
        )
      else return checkEventName(name)
    } catch (error) {
      if (!(error instanceof EviError)) throw error
      this.#warn(at, 'refused-event', `${error.message} Not taken.`)
    }
    return undefined
  }

  /** The text of the socket; undefined where evi does not know it. */
  socket({ statement, socket }: Made): string | undefined {
    const { at } = statement
    const written = () => maskPasswords(unicodeOf(statement.socket.value) ?? statement.socket.value)
    if ('unknown' in socket) {
      const names = socket.unknown
      if (names.includes('$')) {
        const message = `A "$" without a name stops OpenSIPS; the character itself is written "$$": ${written()}. Not taken.`
        this.#warn(at, 'variable', message)
        return undefined
      }
      const about = names.some((name) => name.startsWith('$env('))
        ? `The environment of OpenSIPS is not that of evi`
        : `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} known at run time only`
      this.#warn(
        at,
        'variable',
        `${about}: ${written()}. Not taken; to give the value: --define '${(names[0] as string).slice(1)}=VALUE'`,
      )
      return undefined
    }
    const text = unicodeOf(socket.value)
    const assigned = this.#assigned(socket)
    if (text === undefined)
      this.#warn(at, 'refused-socket', 'The socket is not UTF-8, in which evi writes names. Not taken.')
    else if (assigned.length > 0)
      this.#warn(at, 'variable', `${written()}: evi took ${assigned.join(' and ')} as assigned before.`)
    return text
  }

  /** The variables that have their value from the file, and not from who runs evi. */
  #assigned(resolved: Known): readonly string[] {
    return resolved.variables.filter((name) => !this.#defined.has(name))
  }

  /** Seconds, null where there are none. */
  expire({ expire }: Made): number | null {
    const seconds = expire && 'value' in expire ? Number(expire.value) : 0
    return Number.isInteger(seconds) && seconds > 0 ? seconds : null
  }
}
