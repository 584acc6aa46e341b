import { isNetwork } from '#lib/text/networks.ts'
import type { Condition } from './condition.ts'
import { type Piece, WhereText } from './where-text.ts'

/** What `--where` asks for. */
export type Where =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Where[] }
  | { readonly kind: 'not'; readonly term: Where }
  | { readonly kind: 'condition'; readonly name: string; readonly condition: Condition }

/** Each level is a call on the stack. */
const deepest = 100

/**
 * Reads an expression such as `event = E_PIKE_BLOCKED and (ip in 10.0.0.0/8 or not count < 5)` (docs/watching.md).
 *
 * @throws EviError `usage`, with a caret under the place
 */
export function parseWhere(expression: string): Where {
  const text = new WhereText(expression)
  const where = readChain('or', text, 0)
  if (text.atEnd) return where
  throw text.refuse('expected and, or, or the end')
}

function readChain(kind: 'and' | 'or', text: WhereText, depth: number): Where {
  const readTerm = () => (kind === 'or' ? readChain('and', text, depth) : readTermOf(text, depth))
  const first = readTerm()
  const terms = [first]
  while (text.takesWord(kind)) terms.push(readTerm())
  return terms.length === 1 ? first : { kind, terms }
}

function readTermOf(text: WhereText, depth: number): Where {
  if (depth === deepest) throw text.refuse(`more than ${deepest} levels are nested`)
  if (text.takesWord('not')) return { kind: 'not', term: readTermOf(text, depth + 1) }
  if (!text.takes('(')) return readCondition(text)
  const where = readChain('or', text, depth + 1)
  if (!text.takes(')')) throw text.refuse('expected and, or, or a closing parenthesis')
  return where
}

function readCondition(text: WhereText): Where {
  const name = text.name()
  if (name === undefined) throw text.refuse('expected the name of a param, or event')
  return { kind: 'condition', name: name.text, condition: readTest(text) }
}

function readTest(text: WhereText): Condition {
  if (text.takesWord('in')) return readMembership(text)
  const operator = text.operator()
  switch (operator.text) {
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { operator: operator.text, ...readValue(text) }
    case '~':
    case '!~':
      return { operator: operator.text, pattern: readPattern(text) }
    case '==':
      throw text.refuse('the operator is a single =', operator.at)
    default:
      throw text.refuse('expected =, !=, ~, !~, <, <=, >, >= or in', operator.at)
  }
}

function readValue(text: WhereText): Piece {
  const value = text.value()
  if (value === undefined) throw text.refuse('expected a value')
  return value
}

function readPattern(text: WhereText): RegExp {
  const value = readValue(text)
  try {
    return new RegExp(value.text, 'u')
  } catch (error) {
    const fault = (error as SyntaxError).message.replace(/^Invalid regular expression: .*\/u?: /s, '')
    throw text.refuse(`this is no regular expression (${fault})`, value.at)
  }
}

/** `in 10.0.0.0/8`, or `in (10.0.0.0/8, 192.0.2.1, text)`. */
function readMembership(text: WhereText): Condition {
  if (!text.takes('(')) {
    const value = readValue(text)
    if (value.quoted || !isNetwork(value.text))
      throw text.refuse('expected a network, such as 10.0.0.0/8, or a list in parentheses', value.at)
    return { operator: 'in', networks: [value.text], values: [] }
  }
  const [networks, values]: [string[], Piece[]] = [[], []]
  do {
    const value = readValue(text)
    if (!value.quoted && isNetwork(value.text)) networks.push(value.text)
    else if (!value.quoted && /^[\d.]+\/|:.*\/\d+$/.test(value.text))
      throw text.refuse('this is no network', value.at)
    else values.push(value)
  } while (text.takes(','))
  if (!text.takes(')')) throw text.refuse('expected a comma or a closing parenthesis')
  return { operator: 'in', networks, values }
}
