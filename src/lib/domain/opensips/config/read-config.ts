import type { Flattened } from '#lib/domain/opensips/config/syntax/flatten.ts'
import { parseConfig } from '#lib/domain/opensips/config/syntax/parse-config.ts'
import { ConfigFault, type Source, unicodeOf } from '#lib/domain/opensips/config/syntax/source.ts'
import type { FoundSubscription, Reading, ReadingWarning } from '#lib/domain/opensips/reading.ts'
import { readSocketText } from '#lib/domain/opensips/socket-text.ts'
import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { EviError } from '#lib/errors.ts'
import { readParameters, type Warn } from './read-parameters.ts'
import { type PlacedSubscription, SubscriptionReader } from './read-subscriptions.ts'
import { subscriptionsOf } from './startup.ts'
import type { Values } from './values.ts'

/**
 * Reads what a configuration of OpenSIPS subscribes to rabbitmq sockets, with the settings of event_rabbitmq and the TLS
 * domains. See docs/opensips-config.md.
 *
 * @param defined values of variables, by their names with the `$`
 * @throws EviError `data` where OpenSIPS refuses it, with the line and a caret under the place
 */
export function readConfig({ source, dropped }: Flattened, defined: Values): Reading {
  const warnings: ReadingWarning[] = dropped.map(({ at, place }) => ({
    at,
    code: 'rest-of-include-line',
    ...place,
    message: 'OpenSIPS drops what stands behind the path of an include.',
  }))
  const warn: Warn = (at, code, message) => warnings.push({ at, code, ...source.placeOf(at), message })
  try {
    const config = parseConfig(source)
    if (config.openComment !== undefined)
      warn(
        config.openComment,
        'open-comment',
        'This comment has no end: OpenSIPS starts, and reads nothing behind it.',
      )
    const parameters = readParameters(config, warn)
    const accepts = (socket: string) => 'socket' in readSocketText(unicodeOf(socket) ?? '')
    const reader = new SubscriptionReader({ config, parameters, defined, warn })
    for (const made of subscriptionsOf(config, { defined, accepts })) reader.read(made)
    const { settings, tlsDomains } = parameters
    return {
      subscriptions: reader.subscriptions
        .toSorted((one, other) => one.at - other.at)
        .map((found) => placed(found, source)),
      unread: reader.unread,
      settings,
      tlsDomains,
      warnings: warnings.toSorted((one, other) => one.at - other.at),
    }
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    throw syntaxError(error, source)
  }
}

function placed(
  { event, socket, expire, route, when, at }: PlacedSubscription,
  source: Source,
): FoundSubscription {
  const { file, line } = source.placeOf(at)
  return { event, socket, expire, file, line, at, route, when }
}

/** Columns of the line that are shown on either side of the place. */
const shown = 60

function syntaxError({ at, message }: ConfigFault, source: Source): EviError {
  const { file, line } = source.placeOf(at)
  const { line: text, column } = source.lineAround(at)
  const quoted = quote(text, column)
  return new EviError(
    'data',
    `${file}:${line}: ${message}.\n  ${quoted.text}\n  ${' '.repeat(quoted.column)}^`,
    {
      hint: 'Nothing was changed. OpenSIPS does not start with it, either: opensips -C -f FILE says where.',
    },
  )
}

/** The part of the line around the place, without passwords. */
function quote(line: string, column: number): { readonly text: string; readonly column: number } {
  const decode = (bytes: string) => (unicodeOf(bytes) ?? bytes).replace(/\p{Cc}/gu, ' ')
  const whole = decode(line)
  const masked = maskParameter(maskUrls(maskPasswords(whole)))
  const before = placeIn(masked, whole, decode(line.slice(0, column)).length)
  const start = Math.max(0, before - shown)
  return { text: masked.slice(start, before + shown), column: before - start }
}

/** Logins of other URLs, such as that of a database. */
function maskUrls(line: string): string {
  return line.replace(/(\b[a-z][\w+.-]{0,30}:\/\/[^\s:@/"']*:)[^\s"']*@/gi, '$1***@')
}

/** The value of a modparam may be a password of any module. */
function maskParameter(line: string): string {
  return line.replace(/(\bmodparam\s*\(\s*(?:(["'])[^"']*\2\s*,\s*){2}["'])[^"']+/, '$1***')
}

/** Where a column of a line is once its passwords are masked. */
function placeIn(masked: string, whole: string, column: number): number {
  if (masked === whole) return column
  let same = 0
  while (same < column && masked[same] === whole[same]) same++
  if (same === column) return column
  const fromEnd = whole.length - column
  return Math.max(same, masked.length - fromEnd)
}
