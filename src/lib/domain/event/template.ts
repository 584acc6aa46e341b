import { EviError } from '#lib/errors.ts'
import { pointAt } from '#lib/text/layout/point-at.ts'

/** What the placeholders stand for in one event. */
export interface TemplateValues {
  /** Which event it is, from 1. */
  readonly n: number
  readonly uuid: () => string
  readonly now: () => Date
  /** From 0 up to, and without, 1. */
  readonly random: () => number
}

/** A text with placeholders, for one event after another. */
export type Template = (values: TemplateValues) => string

/**
 * Reads a text with `{{n}}`, `{{uuid}}`, `{{now}}` and `{{random A B}}`, a whole number from A to B.
 *
 * @param from where placeholders may begin; all before it is taken as it is
 * @throws EviError `usage` for what is none of these, with a caret under it
 */
export function readTemplate(text: string, from = 0): Template {
  const parts: Template[] = [() => text.slice(0, from)]
  let end = from
  for (let start = text.indexOf('{{', from); start >= 0; start = text.indexOf('{{', end)) {
    const literal = text.slice(end, start)
    const close = text.indexOf('}}', start)
    if (close < 0) throw torn(text, start, 'the }} of this placeholder is missing')
    parts.push(() => literal, readPlaceholder(text, start, close))
    end = close + '}}'.length
  }
  const rest = text.slice(end)
  return (values) => parts.map((part) => part(values)).join('') + rest
}

function readPlaceholder(text: string, start: number, close: number): Template {
  const [name = '', ...operands] = text
    .slice(start + '{{'.length, close)
    .trim()
    .split(/\s+/)
  if (name === 'random') return readRandom(operands, (expected) => torn(text, start, expected))
  if (operands.length === 0) {
    if (name === 'n') return ({ n }) => String(n)
    if (name === 'uuid') return ({ uuid }) => uuid()
    if (name === 'now') return ({ now }) => now().toISOString()
  }
  throw torn(text, start, 'n, uuid, now or random A B was expected')
}

function readRandom(operands: readonly string[], refuse: (expected: string) => EviError): Template {
  const [from = Number.NaN, to = Number.NaN] = operands.map((one) =>
    /^-?\d{1,15}$/.test(one) ? Number(one) : Number.NaN,
  )
  if (operands.length !== 2 || !(from <= to))
    throw refuse('random wants two whole numbers, the smaller one first')
  return ({ random }) => String(from + Math.floor(random() * (to - from + 1)))
}

function torn(text: string, at: number, expected: string): EviError {
  return new EviError('usage', `The template cannot be read: ${expected}.\n${pointAt(text, at)}`, {
    hint: 'Placeholders are {{n}}, {{uuid}}, {{now}} and {{random 1 100}}. A {{ itself goes into --params, as JSON.',
  })
}
