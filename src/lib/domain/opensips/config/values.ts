import type { Token } from '#lib/domain/opensips/config/syntax/lexer.ts'
import { readInteger } from '#lib/domain/opensips/config/syntax/module-value.ts'
import { canonicalName, splitVariables } from '#lib/domain/opensips/config/syntax/variables.ts'

/** What is known of variables at a point of a route: their values by their names, with the `$`. */
export type Values = ReadonlyMap<string, string>

/** The value of an argument, or the variables that are not known. */
export type Resolved = Known | { readonly unknown: readonly string[] }

export interface Known {
  readonly value: string
  /** Those that it was made of. */
  readonly variables: readonly string[]
}

/** What an argument is once its variables have their values. */
export function resolve(token: Token, values: Values): Resolved {
  if (token.kind === 'number') return { value: String(readInteger(token.value)), variables: [] }
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

/** What an assignment gives; undefined where it is not known. */
export function resolveSum(parts: readonly Token[] | undefined, values: Values): string | undefined {
  // Numbers are added up, and what a "$$" in an assigned string gives was not seen.
  if (parts?.length !== 1 && parts?.some(({ kind }) => kind === 'number')) return undefined
  if (!parts || parts.some(({ kind, value }) => kind === 'string' && value.includes('$'))) return undefined
  let sum = ''
  for (const part of parts) {
    const resolved = resolve(part, values)
    if ('unknown' in resolved) return undefined
    sum += resolved.value
  }
  return sum
}
