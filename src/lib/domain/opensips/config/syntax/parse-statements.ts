import type { Token } from './lexer.ts'
import { readNumber } from './module-value.ts'
import { parseAssignment, parseCommand, parseCondition } from './parse-expressions.ts'
import { ConfigFault } from './source.ts'
import type { Statement } from './statement.ts'
import type { TokenReader } from './token-reader.ts'

/** Where a statement stands. */
interface Position {
  /** Blocks around it. */
  readonly depth: number
  /** In a loop or switch, where `break` may stand. */
  readonly isBreakable: boolean
}

/** Blocks within each other; real ones stay far below. */
const deepest = 500
const inRoute: Position = { depth: 0, isBreakable: false }

/** Reads `{ … }`, of which only what matters is among the statements. @throws ConfigFault */
export function parseBlock(
  reader: TokenReader,
  position: Position = inRoute,
): { readonly statements: Statement[]; readonly isEmpty: boolean } {
  const statements: Statement[] = []
  const opening = reader.expectSign('{')
  const isEmpty = reader.isSign('}')
  while (!reader.takeSign('}')) {
    if (reader.next.kind === 'end') throw notClosed(opening)
    parseStatement(reader.take(), reader, statements, position)
  }
  return { statements, isEmpty }
}

/** Reads one statement, whose first token is taken already, and adds what matters of it. @throws ConfigFault */
export function parseStatement(
  first: Token,
  reader: TokenReader,
  into: Statement[],
  position = inRoute,
): void {
  const { kind, value } = first
  if (kind === 'sign' && value === ';') return
  if (kind === 'word') {
    const compound = compounds.get(value)
    if (compound) {
      if (position.depth > deepest)
        throw new ConfigFault(first.at, `blocks stand more than ${deepest} deep within each other`)
      compound(reader, into, { ...position, depth: position.depth + 1 })
      return
    }
    if (value !== 'break') parseCommand(first, reader, into, position.depth)
    else if (!position.isBreakable) throw new ConfigFault(first.at, 'a break stands in a loop or a switch')
  } else if (kind !== 'variable') {
    throw new ConfigFault(first.at, 'expected a statement before this')
  } else if (!parseAssignment(first, reader, into)) {
    throw reader.expected('"="')
  }
  reader.expectSign(';')
}

function notClosed(opening: Token): ConfigFault {
  return new ConfigFault(opening.at, 'this "{" is not closed')
}

/** A statement or a block as the body of a condition or loop. */
function parseBody(reader: TokenReader, position: Position): Statement[] {
  if (reader.isSign('{')) return parseBlock(reader, position).statements
  const statements: Statement[] = []
  parseStatement(reader.take(), reader, statements, position)
  return statements
}

type Compound = (reader: TokenReader, into: Statement[], position: Position) => void

const parseWhile: Compound = (reader, into, { depth }) => {
  parseCondition(reader, into)
  into.push({ kind: 'branch', arms: [parseBody(reader, { depth, isBreakable: true })], loop: true })
}

/** `for ($var(x) in $(avp(y)[*])) …` */
const parseFor: Compound = (reader, into, { depth }) => {
  reader.expectSign('(')
  takeVariable(reader)
  if (!reader.isWord('in')) throw reader.expected('"in"')
  reader.take()
  takeVariable(reader)
  reader.expectSign(')')
  into.push({ kind: 'branch', arms: [parseBody(reader, { depth, isBreakable: true })], loop: true })
}

const parseSwitch: Compound = (reader, into, { depth }) => {
  reader.expectSign('(')
  takeVariable(reader)
  reader.expectSign(')')
  const opening = reader.expectSign('{')
  const statements: Statement[] = []
  if (!reader.isWord('case')) throw reader.expected('"case"')
  for (let isOver = false; !reader.takeSign('}'); ) {
    if (reader.next.kind === 'end') throw notClosed(opening)
    if (reader.isWord('case') || reader.isWord('default')) {
      if (isOver) throw reader.expected('"}"')
      isOver = takeCase(reader)
    } else parseStatement(reader.take(), reader, statements, { depth, isBreakable: true })
  }
  into.push({ kind: 'branch', arms: [statements] })
}

/** @returns whether it is the last one, `default` */
function takeCase(reader: TokenReader): boolean {
  const isDefault = reader.take().value === 'default'
  if (!isDefault) {
    if (reader.next.kind === 'string') reader.take()
    else if (readNumber(reader) === undefined) throw reader.expected('a string or a number')
  }
  reader.expectSign(':')
  return isDefault
}

const parseIf: Compound = (reader, into, position) => {
  let outcome = parseCondition(reader, into)
  const arms: Statement[][] = [parseBody(reader, position)]
  while (reader.isWord('else')) {
    reader.take()
    if (!reader.isWord('if')) {
      arms.push(parseBody(reader, position))
      break
    }
    reader.take()
    outcome = undefined
    // The condition of an "else if" may not be looked at.
    const condition: Statement[] = []
    parseCondition(reader, condition)
    arms.push(condition, parseBody(reader, position))
  }
  into.push({ kind: 'branch', arms, outcome })
}

const compounds: ReadonlyMap<string, Compound> = new Map([
  ['while', parseWhile],
  ['for', parseFor],
  ['switch', parseSwitch],
  ['if', parseIf],
])

function takeVariable(reader: TokenReader): void {
  if (reader.next.kind !== 'variable') throw reader.expected('a variable')
  reader.take()
}
