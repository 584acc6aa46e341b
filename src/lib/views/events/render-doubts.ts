import type { Doubt } from '#lib/domain/event/doubts.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { many } from '#lib/views/alike.ts'

/** From how many on those of a kind are one line; sockets from two on, as the same is to be done about each. */
const fewest = { 'routing-key': 2, event: many, param: many } as const

const nouns = { 'routing-key': 'sockets', event: 'events', param: 'parameters' } as const

/** Warnings of names that are probably misspelt or misplaced, a line each, or one for the many of a kind. */
export function renderDoubts(doubts: readonly Doubt[], style: Style): string {
  const kinds = Map.groupBy(doubts, ({ kind }) => kind)
  return [...kinds]
    .flatMap(([kind, alike]) => {
      const lines = alike.slice(0, alike.length < fewest[kind] ? undefined : 1).map(describe)
      const about = lines.length === alike.length ? '' : `${count(alike.length)} ${nouns[kind]}, the first: `
      return lines.map((line) => `${style.marks.warning} ${about}${line}\n`)
    })
    .join('')
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
