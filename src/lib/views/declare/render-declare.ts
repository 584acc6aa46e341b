import type { Declaration } from '#lib/domain/routing/declaration.ts'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { Declared, DeclaredPart, DeclareReport } from '#lib/services/declare/declare-report.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { foldAlike, many, sortOfFailure } from '#lib/views/alike.ts'

export const declareView = { json: declareDocument, text: renderDeclared }

/** For --quiet. */
export const declareFailuresView = {
  json: declareDocument,
  text: (report: DeclareReport, style: Style) => renderDeclared(report, style, 'failed'),
}

/**
 * What was declared, a line each; one block for many sockets that failed alike. Where there are many sockets, those that failed
 * come last, and a summary behind them.
 */
function renderDeclared({ results }: DeclareReport, style: Style, shown: 'all' | 'failed' = 'all'): string {
  const failed = results.filter(({ failure }) => failure)
  const others = results.filter(({ failure }) => !failure)
  const isSummedUp = results.length >= many || (shown === 'failed' && others.length > 0)
  if (!isSummedUp) return renderResults(results, style)
  const summary = renderSummary(others, failed.length, style)
  return `${renderResults(shown === 'failed' ? failed : [...others, ...failed], style)}${summary}`
}

/** A block for each socket, or for many that failed alike. */
export function renderResults(results: readonly Declared[], style: Style): string {
  return foldAlike(results, sortOf)
    .map((alike) => renderResult(alike[0], alike.length, style))
    .join('')
}

/** Equal for those that failed alike, with as much of what they need declared. */
function sortOf({ socket, parts, failure }: Declared): string {
  if (!failure) return ''
  const done = parts.map(({ declaration, outcome }) => `${declaration.kind} ${outcome}`)
  return `${done.join()} ${failure.code} ${sortOfFailure({ socket, failure })}`
}

/** The last line: `300 sockets: 100 declared, 4 unchanged, 196 failed`. */
function renderSummary(others: readonly Declared[], failed: number, style: Style): string {
  const unchanged = others.filter(({ parts }) => parts.every(({ outcome }) => outcome === 'exists')).length
  const counts = [
    [others.length - unchanged, 'declared'],
    [unchanged, 'unchanged'],
    [failed, 'failed'],
  ] as const
  const shown = counts.flatMap(([number, what]) => (number > 0 ? `${count(number)} ${what}` : []))
  const total = style.strong(`${count(others.length + failed)} sockets`)
  return `${total}: ${shown.join(', ')}\n`
}

/** A socket by its name. @param alike how many sockets it stands for */
export function nameOf(socket: Socket, alike: number, style: Style): string {
  const number = alike === 1 ? '' : `${count(alike)} sockets such as `
  return `${number}${style.strong(printSocket(socket))}`
}

function renderResult({ socket, parts, failure }: Declared, alike: number, style: Style): string {
  const lines = parts.map(({ declaration, outcome }) => {
    const mark = outcome === 'exists' ? style.marks.note : style.marks.ok
    return `  ${mark} ${describe(declaration, style)}: ${outcomes[outcome]}\n`
  })
  const hint = failure?.hint ? `${visibleBlock(failure.hint, '    ')}\n` : ''
  const fault = failure ? `  ${style.marks.failed} ${visibleLine(failure.message)}\n${hint}` : ''
  return `${nameOf(socket, alike, style)}\n${lines.join('')}${fault}`
}

const outcomes: Readonly<Record<DeclaredPart['outcome'], string>> = {
  exists: 'exists',
  made: 'made',
  bound: 'bound',
}

/** What is declared, in a line. */
export function describe(declaration: Declaration, { marks }: Style): string {
  if (declaration.kind === 'binding') {
    const { exchange, queue, routingKey, headers } = declaration
    const by =
      Object.keys(headers).length === 0
        ? `key ${JSON.stringify(routingKey)}`
        : `headers ${JSON.stringify(headers)}`
    return `binding ${visibleLine(`${exchange} ${marks.arrow} ${queue}, ${by}`)}`
  }
  const { kind, name, type } = declaration
  return `${kind} ${visibleLine(name)}${type === undefined ? '' : `, ${type}`}`
}

/** The same as JSON. */
function declareDocument({ results }: DeclareReport): object {
  return {
    results: results.map(({ socket, parts, failure }) => ({
      socket: printSocket(socket),
      vhost: socket.vhost,
      declared: parts.map(({ declaration, outcome }) => ({ ...declaration, outcome })),
      failure: failure ? { code: failure.code, reason: failure.message, hint: failure.hint ?? null } : null,
    })),
  }
}
