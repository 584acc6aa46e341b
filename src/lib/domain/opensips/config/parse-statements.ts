import type { Token } from './lexer.ts'
import { nesting, parseCall } from './parse-calls.ts'
import { ConfigFault } from './source.ts'
import type { Statement, SubscribeStatement } from './statement.ts'
import type { TokenReader } from './token-reader.ts'

/** Blocks within each other; real ones stay far below. */
const deepest = 500

/** Reads `{ … }`. @throws ConfigFault */
export function parseBlock(reader: TokenReader, depth = 0): Statement[] {
  const statements: Statement[] = []
  const opening = reader.expectSign('{')
  if (depth > deepest)
    throw new ConfigFault(opening.at, `blocks stand more than ${deepest} deep within each other`)
  while (!reader.takeSign('}')) {
    if (reader.next.kind === 'end') throw new ConfigFault(opening.at, 'this "{" is not closed')
    parseStatement(reader.take(), reader, statements, depth)
  }
  return statements
}

/** Reads one statement, whose first token is taken already, and adds what matters of it. @throws ConfigFault */
export function parseStatement(first: Token, reader: TokenReader, into: Statement[], depth = 0): void {
  const { kind, value } = first
  if (kind === 'sign' && value === ';') return
  if (kind === 'word') {
    const compound = compounds.get(value)
    if (compound) {
      compound(reader, into, depth)
      return
    }
    const end = ends.get(value)
    if (end) {
      parseEnd(end, reader, into)
      return
    }
    if (value === 'case' || value === 'default') {
      while (!reader.takeSign(':')) {
        if (reader.next.kind === 'end' || reader.isSign('{') || reader.isSign(';'))
          throw reader.expected('":"')
        reader.take()
      }
      return
    }
  }
  parseSimple(first, reader, into)
}

/** A statement or a block as the body of a condition or loop. */
function parseBody(reader: TokenReader, depth: number): Statement[] {
  if (reader.isSign('{')) return parseBlock(reader, depth + 1)
  const statements: Statement[] = []
  if (depth > deepest) throw reader.expected('fewer conditions')
  parseStatement(reader.take(), reader, statements, depth + 1)
  return statements
}

type Compound = (reader: TokenReader, into: Statement[], depth: number) => void

const parseLoop: Compound = (reader, into, depth) => {
  parseCondition(reader, into)
  into.push({ kind: 'branch', arms: [parseBody(reader, depth)], loop: true })
}

const compounds: ReadonlyMap<string, Compound> = new Map<string, Compound>([
  ['while', parseLoop],
  ['for', parseLoop],
  [
    'switch',
    (reader, into, depth) => {
      parseCondition(reader, into)
      into.push({ kind: 'branch', arms: [parseBlock(reader, depth + 1)] })
    },
  ],
  [
    'if',
    (reader, into, depth) => {
      const unless = parseCondition(reader, into)
      const arms: Statement[][] = [parseBody(reader, depth)]
      while (reader.isWord('else')) {
        reader.take()
        if (!reader.isWord('if')) {
          arms.push(parseBody(reader, depth))
          break
        }
        reader.take()
        // The condition of an "else if" may not be looked at.
        const condition: Statement[] = []
        parseCondition(reader, condition)
        arms.push(condition, parseBody(reader, depth))
      }
      into.push({ kind: 'branch', arms, unless: arms.length === 1 ? unless : undefined })
    },
  ],
])

/**
 * Reads `( … )` and adds what is run for it. What stands behind an "and" or "or" may not be run.
 *
 * @returns the subscription whose failure is the whole of the condition, as in the manual
 */
function parseCondition(reader: TokenReader, into: Statement[]): SubscribeStatement | undefined {
  const opening = reader.expectSign('(')
  const certain: Statement[] = []
  const doubtful: Statement[] = []
  let tokens = 0
  const negated = reader.isSign('!') || reader.isWord('not')
  let isDoubtful = false
  for (let open = 1; open > 0; tokens++) {
    const token = reader.take()
    if (token.kind === 'end') throw new ConfigFault(opening.at, 'this "(" is not closed')
    if (/^(?:&&|\|\||and|or)$/.test(token.value) && token.kind !== 'string') isDoubtful = true
    open += nesting(token, reader)
    if (open > 0) parseCall(token, reader, isDoubtful ? doubtful : certain)
  }
  into.push(...certain)
  if (doubtful.length > 0) into.push({ kind: 'branch', arms: [doubtful] })
  const [only] = certain
  // "!", the call, ")".
  return negated && tokens === 3 && only?.kind === 'subscribe' ? only : undefined
}

/** Reads to the ";" that ends the statement. */
function parseSimple(first: Token, reader: TokenReader, into: Statement[]): void {
  const assigned = first.kind === 'variable' && reader.isSign('=')
  const mayChange = first.kind === 'variable' && !assigned
  if (assigned) {
    reader.take()
    into.push({ kind: 'assign', variable: first.value, value: parseValue(reader, into) })
    return
  }
  if (mayChange) into.push({ kind: 'forget', variables: [first.value] })
  let token = first
  for (let open = 0; ; token = reader.take()) {
    if (token.kind === 'end') throw new ConfigFault(token.at, 'expected ";" before the end of the file')
    open += nesting(token, reader)
    if (open < 0) throw new ConfigFault(token.at, 'expected ";" before this')
    if (open === 0 && token.kind === 'sign' && token.value === ';') break
    const isCall = parseCall(token, reader, into)
    if (open === 0 && token === first && isCall && !reader.isSign(';')) throw reader.expected('";"')
  }
}

const ends: ReadonlyMap<string, 'route' | 'script'> = new Map([
  ['exit', 'script'],
  ['drop', 'script'],
  ['return', 'route'],
])

/** What `return 0` ends is more than the route. */
function parseEnd(of: 'route' | 'script', reader: TokenReader, into: Statement[]): void {
  let value = ''
  while (!reader.takeSign(';')) {
    if (reader.next.kind === 'end' || reader.isSign('}')) throw reader.expected('";"')
    value += reader.take().value
  }
  into.push({ kind: 'end', of: /^\(?0\)?$/.test(value) ? 'script' : of })
}

/** Strings, numbers and variables with "+" or nothing between them; undefined for anything else. */
function parseValue(reader: TokenReader, into: Statement[]): readonly Token[] | undefined {
  const parts: Token[] = []
  let isPlain = true
  for (let open = 0; ; ) {
    const token = reader.take()
    if (token.kind === 'end') throw new ConfigFault(token.at, 'expected ";" before the end of the file')
    open += nesting(token, reader)
    if (open < 0) throw new ConfigFault(token.at, 'expected ";" before this')
    if (open === 0 && token.kind === 'sign' && token.value === ';') break
    parseCall(token, reader, into)
    if (['string', 'number', 'variable'].includes(token.kind)) parts.push(token)
    else if (token.kind !== 'sign' || token.value !== '+') isPlain = false
  }
  return isPlain && parts.length > 0 ? parts : undefined
}
