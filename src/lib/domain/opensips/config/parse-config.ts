import { Lexer, type Token } from './lexer.ts'
import { readModuleValue } from './module-value.ts'
import { parseBlock, parseStatement } from './parse-statements.ts'
import { ConfigFault, type Source } from './source.ts'
import type { Config, ModuleParameter, Route, Statement } from './statement.ts'
import { TokenReader } from './token-reader.ts'

const routeKinds: ReadonlySet<string> = new Set([
  'route',
  'startup_route',
  'failure_route',
  'onreply_route',
  'branch_route',
  'error_route',
  'local_route',
  'timer_route',
  'event_route',
])

/**
 * Parses what matters to the Event Interface: routes, modules and their parameters. The rest is passed over, as long as its
 * brackets close.
 *
 * @throws ConfigFault where OpenSIPS refuses it
 */
export function parseConfig(source: Source): Config {
  const lexer = new Lexer(source.text, (at) => source.placeOf(at).line + 1)
  const reader = new TokenReader(lexer)
  const routes: Route[] = []
  const parameters: ModuleParameter[] = []
  const modules = new Map<string, number>()
  const names = new Set<string>()
  let known = false
  const first = reader.next.at
  while (reader.next.kind !== 'end') {
    const token = reader.take()
    if (token.kind === 'word' && routeKinds.has(token.value) && startsRoute(reader)) {
      const route = parseRoute(token, reader)
      if (names.has(route.name)) throw new ConfigFault(token.at, `${route.name} is there a second time`)
      names.add(route.name)
      routes.push(route)
    } else if (token.kind === 'word' && token.value === 'loadmodule') {
      const name = moduleName(parseString(reader))
      if (!modules.has(name)) modules.set(name, token.at)
      refuseSemicolon(reader)
    } else if (token.kind === 'word' && token.value === 'modparam') {
      parameters.push(parseParameter(token, reader))
    } else if (token.kind === 'word' && token.value === 'subscribe_event') {
      routes.push(parseLoose(token, reader))
    } else if (token.kind === 'word' && /^(?:include|import)_file$/.test(token.value)) {
      throw new ConfigFault(token.at, 'an include stands alone in its line, with its path in quotes')
    } else if (!passOver(token, reader)) {
      continue
    }
    known = true
  }
  if (!known && first < reader.next.at) throw new ConfigFault(first, 'this is no opensips.cfg')
  return { routes, parameters, modules }
}

/** Passes over a setting of OpenSIPS's own, or a token of one; false where it looks like neither. */
function passOver(token: Token, reader: TokenReader): boolean {
  if (token.kind === 'sign') {
    const closing = { '(': ')', '[': ']', '{': '}' }[token.value]
    if (closing !== undefined) skipTo(closing, token, reader)
    else if (/^[)\]}]$/.test(token.value))
      throw new ConfigFault(token.at, `this "${token.value}" closes nothing`)
    return false
  }
  return token.kind === 'word' && reader.isSign('=')
}

/** Passes over all until a bracket is closed. */
function skipTo(closing: string, opening: Token, reader: TokenReader): void {
  const open = [closing]
  while (open.length > 0) {
    const { kind, value, at } = reader.take()
    if (kind === 'end') throw new ConfigFault(opening.at, `this "${opening.value}" is not closed`)
    if (kind !== 'sign') continue
    const inner = { '(': ')', '[': ']', '{': '}' }[value]
    if (inner !== undefined) open.push(inner)
    else if (value === open.at(-1)) open.pop()
    else if (/^[)\]}]$/.test(value)) throw new ConfigFault(at, `expected "${open.at(-1)}" before this`)
  }
}

function startsRoute(reader: TokenReader): boolean {
  return reader.isSign('{') || reader.isSign('[')
}

function parseRoute({ value: kind, at }: Token, reader: TokenReader): Route {
  let name = ''
  if (reader.takeSign('[')) {
    const token = reader.take()
    if (!['word', 'number', 'string'].includes(token.kind))
      throw new ConfigFault(token.at, 'expected the name of a route before this')
    name = token.value
    if (reader.takeSign(',')) reader.take()
    reader.expectSign(']')
  }
  // Another name of the main one.
  if (kind === 'route' && /^0+$/.test(name)) name = ''
  const statements = parseBlock(reader)
  return { name: name === '' ? kind : `${kind}[${name}]`, at, statements }
}

/** A file that is meant to be included holds statements outside of any route. */
function parseLoose(token: Token, reader: TokenReader): Route {
  const statements: Statement[] = []
  parseStatement(token, reader, statements)
  return { name: '', at: token.at, statements }
}

function parseParameter({ at }: Token, reader: TokenReader): ModuleParameter {
  reader.expectSign('(')
  const module = parseString(reader)
  reader.expectSign(',')
  const name = parseString(reader)
  reader.expectSign(',')
  const value = readModuleValue(reader)
  reader.expectSign(')')
  refuseSemicolon(reader)
  return { at, module, name, value }
}

function refuseSemicolon(reader: TokenReader): void {
  if (reader.isSign(';'))
    throw new ConfigFault(reader.next.at, 'no ";" stands behind loadmodule and modparam')
}

function parseString(reader: TokenReader): string {
  if (reader.next.kind === 'string') return reader.take().value
  throw reader.expected('a string in quotes')
}

function moduleName(path: string): string {
  return path.replace(/^.*\//s, '').replace(/\.so$/, '')
}
