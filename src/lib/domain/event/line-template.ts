import { EviError } from '#lib/errors.ts'
import { pointAt } from '#lib/text/layout/point-at.ts'

const fields = ['event', 'time', 'socket', 'exchange', 'routingKey', 'params', 'body'] as const

/** A piece of a template: text as it is, a field of the message, or a param of its event. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: (typeof fields)[number] }
  | { readonly kind: 'param'; readonly name: string }

/**
 * Reads a template such as `{time} {event} {param.ip}`; `{{` and `}}` are braces, `\t`, `\n` and `\\` what they are
 * elsewhere (docs/watching.md).
 *
 * @throws EviError `usage`, with a caret under the place
 */
export function parseTemplate(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = []
  const piece = /\{\{|\}\}|\{([^{}]*)\}|\\[tn\\]|[{}]|[^{}\\]+|\\/gy
  for (const { 0: text, 1: name, index } of template.matchAll(piece)) {
    if (name !== undefined) parts.push(placeholder(name, template, index))
    else if (text === '{') throw refuse('the closing } is missing', template, index)
    else if (text === '}') throw refuse('no { opens what this } closes', template, index)
    else parts.push({ kind: 'text', text: escapes.get(text) ?? text })
  }
  return parts
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['{{', '{'],
  ['}}', '}'],
  ['\\t', '\t'],
  ['\\n', '\n'],
  ['\\\\', '\\'],
])

function placeholder(name: string, template: string, index: number): TemplatePart {
  const field = fields.find((one) => one === name)
  if (field) return { kind: 'field', field }
  if (/^param\../.test(name)) return { kind: 'param', name }
  throw refuse('there is no such field', template, index + 1)
}

function refuse(reason: string, template: string, index: number): EviError {
  return new EviError('usage', `--format cannot be read: ${reason}.\n${pointAt(template, index)}`, {
    hint: `Fields are ${fields.map((field) => `{${field}}`).join(', ')} and {param.NAME}; a brace itself is {{ or }}.`,
  })
}
