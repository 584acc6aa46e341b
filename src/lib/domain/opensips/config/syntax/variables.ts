/** A piece of a string with variables: what stands there, or a variable with its `$`. */
export type Piece = { readonly text: string } | { readonly variable: string }

const dollar = /\$(?:\$|\(\$\)|([A-Za-z_][\w.]*)|(?=\())?/g

/**
 * Splits a string at its variables, as OpenSIPS does with both kinds of strings: `$$` and `$($)` are a dollar, a `$`
 * alone begins a variable.
 */
export function splitVariables(text: string): readonly Piece[] {
  if (!text.includes('$')) return [{ text }]
  const pieces: Piece[] = []
  let from = 0
  let plain = ''
  const addPlain = () => {
    if (plain !== '') pieces.push({ text: plain })
    plain = ''
  }
  for (dollar.lastIndex = 0; ; ) {
    const found = dollar.exec(text)
    plain += text.slice(from, found?.index)
    if (!found) break
    from = dollar.lastIndex
    if (found[0] === '$$' || found[0] === '$($)') {
      plain += '$'
      continue
    }
    addPlain()
    from = endOfParentheses(text, from)
    pieces.push({ variable: canonicalName(text.slice(found.index, from)) })
    dollar.lastIndex = from
  }
  addPlain()
  return pieces
}

/** The variables that a string or an expression names, without an index or transformation. */
export function variablesIn(text: string): readonly string[] {
  return splitVariables(text).flatMap((piece) => ('variable' in piece ? baseOf(piece.variable) : []))
}

/** `$(name(inner)[2]{s.len})` is made of the variable `$name(inner)`. */
export function baseOf(variable: string): string {
  const inner = /^\$\(([A-Za-z_]\w*(?:\([^(){}[\]]*\))?)/.exec(variable)?.[1]
  return inner === undefined ? variable : `$${inner}`
}

/** `$(name(inner))` is the same variable as `$name(inner)`. */
export function canonicalName(variable: string): string {
  const inner = /^\$\(([A-Za-z_]\w*(?:\([^(){}[\]]*\))?)\)$/.exec(variable)?.[1]
  return inner === undefined ? variable : `$${inner}`
}

function endOfParentheses(text: string, start: number): number {
  if (text[start] !== '(') return start
  let open = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '(') open++
    else if (text[at] === ')' && --open === 0) return at + 1
  }
  return text.length
}
