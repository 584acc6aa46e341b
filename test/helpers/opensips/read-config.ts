import { readConfig } from '#lib/domain/opensips/config/read-config.ts'
import { flatten } from '#lib/domain/opensips/config/syntax/flatten.ts'
import type { Reading } from '#lib/domain/opensips/reading.ts'
import { EviError } from '#lib/errors.ts'

/** Reads a configuration, with the files that it includes and variables of --define. */
export function read(
  text: string,
  files: Readonly<Record<string, string>> = {},
  defined: Readonly<Record<string, string>> = {},
): Reading {
  const open = (path: string) => {
    const content = files[path]
    if (content === undefined) throw new EviError('no-input', `${path} is missing.`)
    return { name: path, bytes: Buffer.from(content) }
  }
  return readConfig(
    flatten({ name: 'main.cfg', bytes: Buffer.from(text) }, open),
    new Map(Object.entries(defined)),
  )
}

/** The routing keys that are found, those that are not certain in brackets. */
export const keysOf = (text: string, files?: Readonly<Record<string, string>>) =>
  read(text, files).subscriptions.map(({ socket: { routingKey }, when }) =>
    when === 'startup' ? routingKey : `(${routingKey})`,
  )
/** The warnings: line and code. */
export const codesOf = (text: string) => read(text).warnings.map(({ code, line }) => `${line} ${code}`)
/** A statement that subscribes with the routing key. */
export const to = (key: string) => `subscribe_event("E_X", "rabbitmq:h/${key}");`
/** A startup route of these lines. */
export const startup = (...lines: string[]) => `startup_route {\n${lines.join('\n')}\n}\n`
