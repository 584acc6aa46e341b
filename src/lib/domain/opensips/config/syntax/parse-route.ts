import type { Token } from './lexer.ts'
import { readNumber } from './module-value.ts'
import { parseRouteName } from './parse-calls.ts'
import { parseBlock, parseStatement } from './parse-statements.ts'
import { ConfigFault } from './source.ts'
import type { Route, Statement } from './statement.ts'
import type { TokenReader } from './token-reader.ts'

/** Whether a kind of route has a name, in brackets; `timed`: a name and a number of seconds. */
const naming: ReadonlyMap<string, 'never' | 'optional' | 'always' | 'timed'> = new Map([
  ['route', 'optional'],
  ['startup_route', 'never'],
  ['failure_route', 'always'],
  ['onreply_route', 'optional'],
  ['branch_route', 'always'],
  ['error_route', 'never'],
  ['local_route', 'never'],
  ['timer_route', 'timed'],
  ['event_route', 'always'],
])

/** Whether a word begins a route. */
export function isRouteKind(word: string): boolean {
  return naming.has(word)
}

/** Reads a route, whose kind is taken already. @throws ConfigFault */
export function parseRoute({ value: kind, at }: Token, reader: TokenReader): Route {
  const rule = naming.get(kind)
  let name = ''
  if (rule === 'always' || rule === 'timed' || (rule === 'optional' && reader.isSign('['))) {
    reader.expectSign('[')
    name = parseRouteName(reader)
    if (rule === 'timed') parseSeconds(reader)
    reader.expectSign(']')
  }
  // Another name of the main one.
  if (kind === 'route' && /^0+$/.test(name)) name = ''
  const opening = reader.next.at
  const { statements, isEmpty } = parseBlock(reader)
  if (isEmpty) throw new ConfigFault(opening, 'a route has one statement at least')
  return { name: name === '' ? kind : `${kind}[${name}]`, at, statements }
}

function parseSeconds(reader: TokenReader): void {
  reader.expectSign(',')
  if (readNumber(reader) === undefined) throw reader.expected('a number of seconds')
}

/** A file that is meant to be included holds statements outside of any route. */
export function parseLoose(token: Token, reader: TokenReader): Route {
  const statements: Statement[] = []
  parseStatement(token, reader, statements)
  return { name: '', at: token.at, statements }
}
