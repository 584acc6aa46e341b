import type { Token } from './lexer.ts'
import { ConfigFault } from './source.ts'
import type { Statement, SubscribeStatement } from './statement.ts'
import type { TokenReader } from './token-reader.ts'
import { variablesIn } from './variables.ts'

/** Adds what a call does; true where all of it is read. @throws ConfigFault */
export function parseCall(token: Token, reader: TokenReader, into: Statement[]): boolean {
  if (token.kind !== 'word') return false
  if (token.value === 'subscribe_event') {
    into.push(parseSubscribe(token, reader))
    return true
  }
  if (token.value === 'route' && reader.isSign('(')) {
    into.push(parseRouteCall(reader))
    return true
  }
  if (!reader.isSign('(')) return false
  const variables = skipCall(reader, into)
  if (variables.length > 0 && !/^x?log$/.test(token.value)) into.push({ kind: 'forget', variables })
  return true
}

/** How a token changes the number of open parentheses. @throws ConfigFault for a brace or an end of statement within them */
export function nesting({ kind, value, at }: Token, reader: TokenReader): number {
  if (kind !== 'sign') return 0
  if (value === '(') {
    if (reader.isSign('{')) throw reader.expected('")"')
    return 1
  }
  if (value === '{' || value === '}') throw new ConfigFault(at, 'expected ";" or ")" before this')
  return value === ')' ? -1 : 0
}

/** The arguments of a call, of whose variables it may change each one. */
function skipCall(reader: TokenReader, into: Statement[]): readonly string[] {
  const opening = reader.take()
  const variables: string[] = []
  for (let open = 1; open > 0; ) {
    const token = reader.take()
    if (token.kind === 'end') throw new ConfigFault(opening.at, 'this "(" is not closed')
    if (token.kind === 'sign' && token.value === ';')
      throw new ConfigFault(token.at, 'expected ")" before this')
    open += nesting(token, reader)
    if (token.kind === 'string' || token.kind === 'variable') variables.push(...variablesIn(token.value))
    if (token.kind === 'word' && reader.isSign('(')) {
      const inner: Statement[] = []
      parseCall(token, reader, inner)
      // An asynchronous call is run at some time.
      if (inner.length > 0) into.push({ kind: 'branch', arms: [inner] })
    }
  }
  return variables
}

function parseRouteCall(reader: TokenReader): Statement {
  const opening = reader.take()
  const { kind, value } = reader.take()
  const route = kind === 'variable' || value.includes('$') ? undefined : value
  for (let open = 1; open > 0; ) {
    const token = reader.take()
    if (token.kind === 'end') throw new ConfigFault(opening.at, 'this "(" is not closed')
    open += nesting(token, reader)
  }
  return { kind: 'call', route }
}

function parseSubscribe({ at }: Token, reader: TokenReader): SubscribeStatement {
  reader.expectSign('(')
  const event = parseArgument(reader, ['string', 'variable'], 'the name of an event')
  reader.expectSign(',')
  const socket = parseArgument(reader, ['string', 'variable'], 'a socket')
  const hasExpire = reader.takeSign(',') && !reader.isSign(')')
  const expire = hasExpire
    ? parseArgument(reader, ['number', 'variable'], 'a number of seconds, without quotes,')
    : undefined
  reader.expectSign(')')
  return { kind: 'subscribe', at, event, socket, expire }
}

function parseArgument(reader: TokenReader, kinds: readonly string[], what: string): Token {
  if (kinds.includes(reader.next.kind)) return reader.take()
  throw reader.expected(what)
}
