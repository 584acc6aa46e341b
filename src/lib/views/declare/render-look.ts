import type { LookReport, Plan } from '#lib/services/declare/declare-report.ts'
import type { Part } from '#lib/services/declare/find-part.ts'
import type { Style } from '#lib/terminal/style.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { foldAlike } from '#lib/views/alike.ts'
import { describe, nameOf, renderResults } from './render-declare.ts'

/** Sockets from which on those that lack the same are shown as a number. */
const manyPlans = 50

interface Looks {
  /** Whether the question follows, and so a report may; without it this is the place to say why a look failed. */
  readonly isAsked: boolean
  readonly style: Style
}

/** What would be declared, before it is asked whether it may. */
export function renderLook({ plans, failed }: LookReport, { isAsked, style }: Looks): string {
  const folded = foldAlike(plans, lackOf, manyPlans)
  const planned = folded.map((alike) => renderPlan(alike[0], alike.length, style))
  return [...planned, isAsked ? numberOf(failed.length) : renderResults(failed, style)].join('')
}

function numberOf(failed: number): string {
  if (failed === 0) return ''
  return `${count(failed)} more could not be looked at; the report says why, once this is declared.\n`
}

/** Equal for those that lack the same kinds of things. */
function lackOf({ parts }: Plan): string {
  return parts.map(({ declaration, state }) => `${declaration.kind} ${state}`).join()
}

function renderPlan({ socket, parts }: Plan, alike: number, style: Style): string {
  const lines = parts.map(({ declaration, state }) => `  ${planned[state](describe(declaration, style))}\n`)
  return `${nameOf(socket, alike, style)}\n${lines.join('')}`
}

const planned: Readonly<Record<Part['state'], (what: string) => string>> = {
  exists: (what) => `${what}: exists, stays as it is`,
  missing: (what) => `${what}: missing, to be made`,
  unseen: (what) => `${what}: to be made, if it is missing`,
}
