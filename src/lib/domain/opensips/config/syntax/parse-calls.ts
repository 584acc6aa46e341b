import type { Token } from './lexer.ts'
import { readNumber } from './module-value.ts'
import type { Statement, SubscribeStatement } from './statement.ts'
import type { TokenReader } from './token-reader.ts'
import { variablesIn } from './variables.ts'

/** Adds what a call does, whose name is taken already. @throws ConfigFault */
export function parseCall(name: Token, reader: TokenReader, into: Statement[]): void {
  const special = specials.get(name.value)
  if (special) {
    special(name, reader, into)
    return
  }
  const variables = parseArguments(reader)
  if (variables.length > 0) into.push({ kind: 'forget', variables })
}

type Special = (name: Token, reader: TokenReader, into: Statement[]) => void

/** A level and a text, or a text alone, of strings one after the other; it changes no variable. */
const parseLog: Special = (_name, reader) => {
  reader.expectSign('(')
  do {
    parseText(reader, 'a string')
    while (reader.next.kind === 'string') reader.take()
  } while (reader.takeSign(','))
  reader.expectSign(')')
}

const parseEnd: Special = (_name, reader, into) => {
  if (reader.takeSign('(')) reader.expectSign(')')
  into.push({ kind: 'end', of: 'script' })
}

const parseAsync: Special = (_name, reader, into) => {
  reader.expectSign('(')
  if (reader.next.kind !== 'word') throw reader.expected('a call')
  const called: Statement[] = []
  parseCall(reader.take(), reader, called)
  // It is run at some time.
  if (called.length > 0) into.push({ kind: 'branch', arms: [called] })
  while (reader.takeSign(',')) if (!reader.isSign(')')) reader.take()
  reader.expectSign(')')
}

const specials: ReadonlyMap<string, Special> = new Map<string, Special>([
  ['subscribe_event', (name, reader, into) => into.push(parseSubscribe(name, reader))],
  ['route', (name, reader, into) => into.push(parseRouteCall(name, reader))],
  ['xlog', parseLog],
  ['xdbg', parseLog],
  ['exit', parseEnd],
  ['drop', parseEnd],
  ['return', (_name, reader, into) => into.push(parseReturn(reader))],
  ['async', parseAsync],
  ['launch', parseAsync],
])

/** What `return 0` ends is more than the route. */
function parseReturn(reader: TokenReader): Statement {
  const opens = reader.takeSign('(')
  if (reader.next.kind === 'string') throw reader.expected('a number or a variable')
  const value = parseArgument(reader)
  if (opens) parseValues(reader)
  return { kind: 'end', of: value === 0 ? 'script' : 'route' }
}

function parseRouteCall({ at }: Token, reader: TokenReader): Statement {
  reader.expectSign('(')
  const name = reader.next.kind === 'variable' ? reader.take().value : parseRouteName(reader)
  parseValues(reader)
  return { kind: 'call', at, route: name.includes('$') ? undefined : name }
}

/** Further values, of which none is left out, to the ")". */
function parseValues(reader: TokenReader): void {
  while (reader.takeSign(','))
    if (!takeNull(reader) && parseArgument(reader) === undefined) throw reader.expected('a value')
  reader.expectSign(')')
}

/** The name of a route, which may be a number. @throws ConfigFault */
export function parseRouteName(reader: TokenReader): string {
  const { kind } = reader.next
  if (kind === 'number') return String(readNumber(reader))
  if (kind === 'word' || kind === 'string') return reader.take().value
  throw reader.expected('the name of a route')
}

/** `(…)`: strings, numbers and variables, of which some are left out; the variables, as the call may change each one. */
function parseArguments(reader: TokenReader): readonly string[] {
  reader.expectSign('(')
  const variables: string[] = []
  for (;;) {
    const value = parseArgument(reader)
    if (typeof value === 'object') variables.push(...variablesIn(value.value))
    if (reader.takeSign(')')) return variables
    if (!reader.takeSign(',')) throw reader.expected(value === undefined ? 'a value or ")"' : '"," or ")"')
  }
}

/** A string, a variable or a number; undefined where none is next. */
function parseArgument(reader: TokenReader): Token | number | undefined {
  const { kind } = reader.next
  return kind === 'string' || kind === 'variable' ? reader.take() : readNumber(reader)
}

/** Takes a null if it is the next token. */
export function takeNull(reader: TokenReader): boolean {
  const is = reader.isWord('null') || reader.isWord('NULL')
  if (is) reader.take()
  return is
}

function parseSubscribe({ at }: Token, reader: TokenReader): SubscribeStatement {
  reader.expectSign('(')
  const event = parseText(reader, 'the name of an event')
  reader.expectSign(',')
  const socket = parseText(reader, 'a socket')
  const hasExpire = reader.takeSign(',') && !reader.isSign(')')
  const expire = hasExpire ? parseExpire(reader) : undefined
  reader.expectSign(')')
  return { kind: 'subscribe', at, event, socket, expire }
}

function parseText(reader: TokenReader, what: string): Token {
  const { kind } = reader.next
  if (kind === 'string' || kind === 'variable') return reader.take()
  throw reader.expected(what)
}

function parseExpire(reader: TokenReader): Token {
  const { next } = reader
  if (next.kind === 'variable') return reader.take()
  const seconds = readNumber(reader)
  if (seconds === undefined) throw reader.expected('a number of seconds, without quotes,')
  return { ...next, kind: 'number', value: String(seconds) }
}
