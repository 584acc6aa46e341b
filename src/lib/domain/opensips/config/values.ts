import type { Token } from '#lib/domain/opensips/config/syntax/lexer.ts'
import { readInteger } from '#lib/domain/opensips/config/syntax/module-value.ts'
import { canonicalName, splitVariables } from '#lib/domain/opensips/config/syntax/variables.ts'

/** What is known of variables at a point of a route: their values, texts or integers, by their names with the `$`. */
export type Values = ReadonlyMap<string, string | number>

/** The value of an argument, or the variables that are not known. */
export type Resolved = Known | { readonly unknown: readonly string[] }

export interface Known {
  readonly value: string
  /** Those that it was made of. */
  readonly variables: readonly string[]
}

const none: readonly string[] = []

/** What an argument is once its variables have their values. */
export function resolve(token: Token, values: Values): Resolved {
  if (token.kind === 'number') return { value: String(readInteger(token.value)), variables: none }
  // Most arguments.
  if (token.kind === 'string' && !token.value.includes('$')) return { value: token.value, variables: none }
  const pieces =
    token.kind === 'variable' ? [{ variable: canonicalName(token.value) }] : splitVariables(token.value)
  const variables: string[] = []
  const unknown: string[] = []
  let value = ''
  for (const piece of pieces) {
    if ('text' in piece) value += piece.text
    else {
      const known = values.get(piece.variable)
      if (known === undefined) unknown.push(piece.variable)
      else variables.push(piece.variable)
      value += known ?? ''
    }
  }
  return unknown.length > 0 ? { unknown } : { value, variables }
}

/** Whether OpenSIPS takes the argument for an integer; undefined where a variable is not known. */
export function isInteger(token: Token, values: Values): boolean | undefined {
  if (token.kind === 'number') return true
  const value = values.get(canonicalName(token.value))
  return value === undefined ? undefined : typeof value === 'number'
}

/** What an assignment gives; undefined where it is not known. Variables in its strings are none to OpenSIPS. */
export function resolveSum(parts: readonly Token[] | undefined, values: Values): string | number | undefined {
  const known = parts?.map(({ kind, value }) =>
    kind === 'variable' ? values.get(canonicalName(value)) : kind === 'number' ? Number(value) : value,
  )
  if (known?.length === 1) return known[0]
  // What a sum with numbers gives depends on their order.
  return known?.every((one) => typeof one === 'string') ? known.join('') : undefined
}
