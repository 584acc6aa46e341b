import type { Doubt } from '#lib/domain/event/doubts.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'

/** Warnings of names that are probably misspelt or misplaced, a line each. */
export function renderDoubts(doubts: readonly Doubt[], style: Style): string {
  return doubts.map((doubt) => `${style.marks.warning} ${describe(doubt)}\n`).join('')
}

function describe(doubt: Doubt): string {
  const name = visibleLine(doubt.name)
  if (doubt.kind === 'event')
    return `OpenSIPS itself has no event ${name}. Did you mean ${doubt.nearest}? See: evi events ${doubt.nearest}`
  if (doubt.kind === 'routing-key')
    return `"${name}" is the routing key. Parameters stand before the "?": rabbitmq:HOST/vhost=NAME?KEY`
  const { event, nearest, known } = doubt
  const sentence = `The event ${event} of OpenSIPS has no parameter "${name}".`
  return nearest === undefined
    ? `${sentence} It has ${known.join(', ')}.`
    : `${sentence} Did you mean "${nearest}"? See: evi events ${event}`
}
