import type { Member } from '#lib/text/json-text.ts'
import { conditionTest } from './condition.ts'
import type { Where } from './where.ts'

/** An event's name, as JSON text, and its params. */
export interface EventFields {
  readonly event: string
  readonly params: readonly Member[]
}

/** Whether an event is wanted; undefined stands for a message that is no event. */
export type Matcher = (fields: EventFields | undefined) => boolean

/** The matcher of an expression. A condition on a param that an event does not have is not fulfilled, whichever it is. */
export function matcherOf(where: Where): Matcher {
  switch (where.kind) {
    case 'and': {
      const matchers = where.terms.map(matcherOf)
      return (fields) => matchers.every((matches) => matches(fields))
    }
    case 'or': {
      const matchers = where.terms.map(matcherOf)
      return (fields) => matchers.some((matches) => matches(fields))
    }
    case 'not': {
      const matches = matcherOf(where.term)
      return (fields) => !matches(fields)
    }
    case 'condition': {
      const test = conditionTest(where.condition)
      const read = fieldReader(where.name)
      return (fields) => {
        const json = fields && read(fields)
        return json !== undefined && test(json)
      }
    }
  }
}

/**
 * What reads a field as JSON text: `event`, a param by its name, by `param.NAME` where its name is `event`, or an unnamed
 * one by its number (`param.1` is the first).
 */
export function fieldReader(name: string): (fields: EventFields) => string | undefined {
  if (name === 'event') return ({ event }) => JSON.stringify(event)
  const param = name.startsWith('param.') ? name.slice('param.'.length) : undefined
  const number = param !== undefined && /^[1-9]\d{0,5}$/.test(param) ? Number(param) : undefined
  return ({ params }) => {
    // Of two of the same name the last one counts, as for JSON.parse.
    const named = params.findLast((member) => member.name === name || member.name === (param ?? name))
    if (named) return named.json
    const unnamed = number === undefined ? undefined : params[number - 1]
    return unnamed?.name === undefined ? unnamed?.json : undefined
  }
}
