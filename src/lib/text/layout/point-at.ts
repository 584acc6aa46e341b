import { isUnprintable } from '#lib/text/characters.ts'

/** A text on one line, with a caret under the place that is meant. @param at index into the text, its length for its end */
export function pointAt(text: string, at: number): string {
  const line = [...text].map((character) => (isUnprintable(character) ? '\u{FFFD}' : character)).join('')
  return `  ${line}\n  ${' '.repeat([...text.slice(0, at)].length)}^`
}
