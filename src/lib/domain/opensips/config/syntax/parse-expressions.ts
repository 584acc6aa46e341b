import type { Token } from './lexer.ts'
import { readNumber } from './module-value.ts'
import { parseCall, takeNull } from './parse-calls.ts'
import { ConfigFault } from './source.ts'
import type { Outcome, Statement } from './statement.ts'
import type { TokenReader } from './token-reader.ts'

/** Parentheses within each other; real ones stay far below. */
const deepest = 500

/** What is run for a condition; what stands behind an "and" or "or" may not be. */
interface Run {
  readonly certain: Statement[]
  readonly doubtful: Statement[]
}

/**
 * Reads `( … )` and adds what is run for it.
 *
 * @returns the outcome of a subscription, where that is the whole of the condition, as in the manual
 * @throws ConfigFault
 */
export function parseCondition(reader: TokenReader, into: Statement[]): Outcome | undefined {
  reader.expectSign('(')
  const run: Run = { certain: [], doubtful: [] }
  const outcome = parseExpression(reader, run, 0)
  reader.expectSign(')')
  into.push(...run.certain)
  if (run.doubtful.length > 0) into.push({ kind: 'branch', arms: [run.doubtful] })
  return outcome
}

function parseExpression(reader: TokenReader, run: Run, depth: number): Outcome | undefined {
  if (depth > deepest) throw reader.expected('fewer parentheses')
  let outcome = parseTerm(reader, run, depth)
  const rest: Run = { certain: run.doubtful, doubtful: run.doubtful }
  while (isWordOrSign(reader, 'and', '&&') || isWordOrSign(reader, 'or', '||')) {
    reader.take()
    parseTerm(reader, rest, depth)
    outcome = undefined
  }
  return outcome
}

function parseTerm(reader: TokenReader, run: Run, depth: number): Outcome | undefined {
  let isNegated = false
  for (; isWordOrSign(reader, 'not', '!'); reader.take()) isNegated = !isNegated
  const into = run.certain
  if (reader.takeSign('(')) {
    const outcome = parseExpression(reader, run, depth + 1)
    reader.expectSign(')')
    return outcome && { ...outcome, isFailure: outcome.isFailure !== isNegated }
  }
  if (reader.takeSign('[')) {
    parseSum(reader, into, depth + 1)
    reader.expectSign(']')
  } else if (reader.next.kind === 'variable') {
    const variable = reader.take()
    if (!takeComparison(reader)) parseAssignment(variable, reader, into)
  } else if (readNumber(reader) === undefined) {
    const before = into.length
    parseCalled(reader, into, depth)
    const [called] = into.slice(before)
    if (called?.kind === 'subscribe') return { of: called, isFailure: isNegated }
  }
  return undefined
}

function parseCalled(reader: TokenReader, into: Statement[], depth: number): void {
  if (reader.next.kind !== 'word') throw reader.expected('a condition')
  parseCommand(reader.take(), reader, into, depth)
}

/** A call, or a check that has a condition of its own; its name is taken already. */
export function parseCommand(name: Token, reader: TokenReader, into: Statement[], depth: number): void {
  if (notCalls.has(name.value)) throw new ConfigFault(name.at, 'expected a call before this')
  if (name.value !== 'assert') {
    parseCall(name, reader, into)
    return
  }
  reader.expectSign('(')
  parseExpression(reader, { certain: into, doubtful: into }, depth + 1)
  if (reader.takeSign(',') && reader.take().kind !== 'string') throw reader.expected('a string before this')
  reader.expectSign(')')
}

const notCalls: ReadonlySet<string> = new Set(
  'and or not null NULL if else while for in switch case default break loadmodule modparam'.split(' '),
)

/** Reads what is assigned to a variable, if something is, and adds it. @returns whether something is */
export function parseAssignment(variable: Token, reader: TokenReader, into: Statement[]): boolean {
  const operator = assignments.find((one) => reader.isSign(one))
  if (operator === undefined) return false
  reader.take()
  const isNew = operator === '=' || operator === ':='
  if (isNew && takeNull(reader)) {
    into.push({ kind: 'assign', variable: variable.value, value: undefined })
    return true
  }
  const value = parseSum(reader, into, 0)
  into.push({ kind: 'assign', variable: variable.value, value: isNew ? value : undefined })
  return true
}

const assignments = ['=', ':=', '+=', '-=', '/=', '*=', '%=', '&=', '|=', '^=']
const operators = ['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>']

/** Values with operators between them; the strings, numbers and variables of a sum, undefined for anything else. */
function parseSum(reader: TokenReader, into: Statement[], depth: number): readonly Token[] | undefined {
  if (depth > deepest) throw reader.expected('fewer parentheses')
  const parts: Token[] = []
  let isPlain = true
  for (;;) {
    const part = parseOperand(reader, into, depth)
    if (part === undefined) isPlain = false
    else parts.push(part)
    const operator = operators.find((one) => reader.isSign(one))
    if (operator === undefined) return isPlain ? parts : undefined
    if (operator !== '+') isPlain = false
    reader.take()
  }
}

/** A string, number or variable; undefined for anything else. */
function parseOperand(reader: TokenReader, into: Statement[], depth: number): Token | undefined {
  const { next } = reader
  while (reader.takeSign('~'));
  if (reader.takeSign('(')) {
    const parts = parseSum(reader, into, depth + 1)
    reader.expectSign(')')
    return next.value === '(' && parts?.length === 1 ? parts[0] : undefined
  }
  if (reader.next.kind === 'string') return reader.take()
  if (reader.next.kind === 'variable') {
    const variable = reader.take()
    return takeComparison(reader) || next !== variable ? undefined : variable
  }
  const number = readNumber(reader)
  if (number !== undefined)
    return next.value === '~' ? undefined : { ...next, kind: 'number', value: String(number) }
  parseCalled(reader, into, depth)
  return undefined
}

const comparisons = ['==', '!=', '<', '>', '<=', '>=', '=~', '!~']

/** Reads what a variable is compared with, if it is. */
function takeComparison(reader: TokenReader): boolean {
  const operator = comparisons.find((one) => reader.isSign(one))
  if (operator === undefined) return false
  reader.take()
  if (reader.next.kind === 'string' || reader.next.kind === 'variable') {
    reader.take()
    return true
  }
  const isEquality = operator === '==' || operator === '!='
  if (isEquality && (takeNull(reader) || takeAddress(reader))) return true
  if (/~$/.test(operator) || readNumber(reader) === undefined) throw reader.expected('a value')
  return true
}

/** An IP address or network, which is no single token of evi's. */
function takeAddress(reader: TokenReader): boolean {
  const text = reader.takeMatch(
    /(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f]*:[\da-f:.]*\]|[\da-f]*:[\da-f:.]*)(?:\/[\da-f:.]+)?/iy,
  )
  return text !== undefined
}

function isWordOrSign(reader: TokenReader, word: string, sign: string): boolean {
  return reader.isWord(word) || reader.isSign(sign)
}
