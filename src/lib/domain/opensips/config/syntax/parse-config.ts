import { Lexer, type Token } from './lexer.ts'
import { readModuleValue } from './module-value.ts'
import { isRouteKind, parseLoose, parseRoute } from './parse-route.ts'
import { ConfigFault, type Source } from './source.ts'
import type { Config, ModuleParameter, Route, Statement } from './statement.ts'
import { TokenReader } from './token-reader.ts'

/**
 * Parses what matters to the Event Interface: routes, modules and their parameters. The rest is passed over, as long as its
 * brackets close.
 *
 * @throws ConfigFault where OpenSIPS refuses it
 */
export function parseConfig(source: Source): Config {
  const lexer = new Lexer(source.text, (at) => source.placeOf(at).line + 1)
  try {
    return { ...parseAll(new TokenReader(lexer)), openComment: lexer.openComment }
  } catch (error) {
    const { openComment } = lexer
    if (!(error instanceof ConfigFault) || openComment === undefined) throw error
    throw new ConfigFault(openComment, 'this comment has no end: "*/" is missing')
  }
}

function parseAll(reader: TokenReader): Omit<Config, 'openComment'> {
  const routes: Route[] = []
  const parameters: ModuleParameter[] = []
  const modules = new Map<string, number>()
  const names = new Set<string>()
  const first = reader.next.at
  // Where a value of a setting ends is not known.
  let isStart = true
  while (reader.next.kind !== 'end') {
    const token = reader.take()
    const word = token.kind === 'word' ? token.value : ''
    if (isRouteKind(word)) {
      const route = parseRoute(token, reader)
      if (names.has(route.name) && word !== 'timer_route')
        throw new ConfigFault(token.at, `${route.name} is there a second time`)
      names.add(route.name)
      routes.push(route)
    } else if (word === 'loadmodule') {
      const name = moduleName(parseString(reader))
      if (!modules.has(name)) modules.set(name, token.at)
      refuseSemicolon(reader)
    } else if (word === 'modparam') {
      parameters.push(parseParameter(token, reader))
    } else if (word === 'subscribe_event') {
      routes.push(parseLoose(token, reader))
    } else if (/^(?:include|import)_file$/.test(word)) {
      throw new ConfigFault(token.at, 'an include stands alone in its line, with its path in quotes')
    } else {
      if (isStart && !startsSetting(token, reader))
        throw new ConfigFault(
          token.at,
          token.at === first
            ? 'this is no opensips.cfg'
            : 'expected a setting, a module or a route before this',
        )
      passOver(token, reader)
      isStart = false
      continue
    }
    isStart = true
  }
  // A file without any module is a part of a configuration.
  if (modules.size > 0) for (const { statements } of routes) refuseUnknownRoutes(statements, names)
  return { routes, parameters, modules }
}

function refuseUnknownRoutes(statements: readonly Statement[], names: ReadonlySet<string>): void {
  for (const statement of statements) {
    if (statement.kind === 'branch') for (const arm of statement.arms) refuseUnknownRoutes(arm, names)
    if (statement.kind !== 'call' || statement.route === undefined) continue
    const name = `route[${statement.route}]`
    if (!names.has(name)) throw new ConfigFault(statement.at, `there is no ${name}`)
  }
}

/** Such as `log_level = 3`, or `mem-group = …`. */
function startsSetting({ kind }: Token, reader: TokenReader): boolean {
  return kind === 'word' && (reader.isSign('=') || reader.isSign('-'))
}

/** Passes over a token of a setting, with all that its bracket holds. */
function passOver(token: Token, reader: TokenReader): void {
  if (token.kind !== 'sign') return
  const closing = { '(': ')', '[': ']', '{': '}' }[token.value]
  if (closing !== undefined) skipTo(closing, token, reader)
  else if (/^[)\]}]$/.test(token.value))
    throw new ConfigFault(token.at, `this "${token.value}" closes nothing`)
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
