import type { Declaration } from '#lib/domain/routing/declaration.ts'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { Declared, DeclaredPart, DeclareReport, Plan } from '#lib/services/declare/declare-report.ts'
import type { Part } from '#lib/services/declare/find-part.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { foldAlike, many, sortOfFailure } from '#lib/views/alike.ts'

/** Sockets from which on those that lack the same are shown as a number. */
const manyPlans = 50

/** What would be declared, before it is asked whether it may. @param failed sockets that could not be looked at */
export function renderPlans(plans: readonly Plan[], failed: number, style: Style): string {
  const folded = foldAlike(plans, lackOf, manyPlans)
  const others =
    failed === 0 ? '' : `${count(failed)} more could not be looked at; the report at the end says why.\n`
  return [...folded.map((alike) => renderPlan(alike[0], alike.length, style)), others].join('')
}

/** Equal for those that lack the same kinds of things. */
function lackOf({ parts }: Plan): string {
  return parts.map(({ declaration, state }) => `${declaration.kind} ${state}`).join()
}

function renderPlan({ socket, parts }: Plan, alike: number, style: Style): string {
  const lines = parts.map(({ declaration, state }) => `  ${planned[state](describe(declaration, style))}\n`)
  return `${nameOf(socket, alike, style)}\n${lines.join('')}`
}

/** @param alike how many sockets it stands for */
function nameOf(socket: Socket, alike: number, style: Style): string {
  const number = alike === 1 ? '' : `${count(alike)} sockets such as `
  return `${number}${style.strong(printSocket(socket))}`
}

const planned: Readonly<Record<Part['state'], (what: string) => string>> = {
  exists: (what) => `${what}: exists, stays as it is`,
  missing: (what) => `${what}: missing, to be made`,
  unseen: (what) => `${what}: to be made, if it is missing`,
}

/**
 * What was declared, a line each; one block for many sockets that failed alike. Where there are many sockets, those that failed
 * come last, and a summary behind them.
 */
export function renderDeclared({ results }: DeclareReport, style: Style): string {
  const isLong = results.length >= many
  const failed = results.filter(({ failure }) => failure)
  const others = results.filter(({ failure }) => !failure)
  const folded = foldAlike(isLong ? [...others, ...failed] : results, sortOf)
  return [
    ...folded.map((alike) => renderResult(alike[0], alike.length, style)),
    isLong ? renderSummary(others, failed.length, style) : '',
  ].join('')
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

function describe(declaration: Declaration, { marks }: Style): string {
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
export function declareDocument({ results }: DeclareReport): object {
  return {
    results: results.map(({ socket, parts, failure }) => ({
      socket: printSocket(socket),
      vhost: socket.vhost,
      declared: parts.map(({ declaration, outcome }) => ({ ...declaration, outcome })),
      failure: failure ? { code: failure.code, reason: failure.message, hint: failure.hint ?? null } : null,
    })),
  }
}
