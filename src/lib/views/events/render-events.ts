import {
  catalogueDate,
  catalogueSource,
  type KnownEvent,
  type KnownParam,
} from '#lib/domain/event/catalogue.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { renderTable } from '#lib/text/layout/table.ts'

/** One line an event. */
export function renderEventList(events: readonly KnownEvent[], style: Style): string {
  const rows = events.map(({ name, module, since, when }) => [name, module, since, style.faint(when)])
  return renderTable([['EVENT', 'MODULE', 'SINCE', 'WHEN'].map(style.strong), ...rows])
}

/** Each event with its parameters, in the order in which OpenSIPS sends them. */
export function renderEvents(events: readonly KnownEvent[], style: Style): string {
  return events.map((event) => renderEvent(event, style)).join('\n')
}

function renderEvent({ name, module, since, when, notes, open, params }: KnownEvent, style: Style): string {
  const rows = params.map((param) => [
    `  ${param.name}`,
    describeType(param),
    style.faint(String(param.example)),
  ])
  return [
    `${style.strong(name)}  ${module}, since OpenSIPS ${since}\n`,
    `  ${when}\n`,
    renderTable(rows),
    open ? '  ... and parameters of other names\n' : '',
    notes === undefined ? '' : `  ${style.faint(`Note: ${notes}`)}\n`,
  ].join('')
}

function describeType({ type, optional, since }: KnownParam): string {
  return [type, optional ? 'optional' : [], since === undefined ? [] : `since ${since}`].flat().join(', ')
}

/** What is said beside the list of all events. */
export const eventsHint = 'The parameters of an event: evi events NAME\n'

/** What is said where no event is found. @param nearest the event that was probably meant */
export function noEventHint(nearest: string | undefined): string {
  return nearest === undefined
    ? 'All of them: evi events'
    : `Did you mean: evi events ${visibleLine(nearest)}`
}

/** The document of `evi events --json`; a member that the catalogue leaves out has its default in it. */
export function eventsDocument(events: readonly KnownEvent[]): object {
  return {
    source: catalogueSource,
    date: catalogueDate,
    events: events.map(({ name, module, since, until = null, open = false, when, notes = '', params }) => ({
      name,
      module,
      since,
      until,
      when,
      notes,
      open,
      params: params.map(({ name, type, optional = false, since: from = since, example }) => ({
        name,
        type,
        optional,
        since: from,
        example,
      })),
    })),
  }
}
