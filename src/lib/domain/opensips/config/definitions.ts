import { canonicalName } from '#lib/domain/opensips/config/syntax/variables.ts'
import { EviError } from '#lib/errors.ts'
import type { Values } from './values.ts'

/** Kinds of variables that a name alone may mean. */
const kinds = ['var', 'avp', 'env', 'shv']

/** Reads `NAME=VALUE`, where NAME is a variable such as `var(host)`, or only `host`. @throws EviError `usage` */
export function readDefinitions(definitions: readonly string[]): Values {
  const values = new Map<string, string>()
  for (const definition of definitions) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(definition) ?? []
    if (name === '')
      throw new EviError('usage', 'A --define is not of the form NAME=VALUE.', {
        hint: "For example: --define 'var(host)=rmq.example.com'",
      })
    // The reader has one character for each byte.
    const bytes = Buffer.from(value).toString('latin1')
    if (/^[\w.]+$/.test(name)) for (const kind of kinds) values.set(`$${kind}(${name})`, bytes)
    values.set(canonicalName(name.startsWith('$') ? name : `$${name}`), bytes)
  }
  return values
}
