import { unprintable } from './characters.ts'

/** Makes a text harmless on a terminal and keeps it on one line: what a terminal would act on is shown as an escape. */
export function visibleLine(text: string): string {
  return isPlain(text) ? text : text.replace(patterns().line, escapeCharacter)
}

/** The same for a text of several lines. @param margin before each of them */
export function visibleBlock(text: string, margin = ''): string {
  const visible = isPlain(text) ? text : text.replace(patterns().block, escapeCharacter)
  return margin === '' ? visible : `${margin}${visible.replaceAll('\n', `\n${margin}`)}`
}

/** Makes JSON text harmless without changing what it means: such characters stand in its strings only. */
export function visibleJson(json: string): string {
  if (isPlain(json)) return json
  return json.replace(patterns().block, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** Printable ASCII only, as most is; the long patterns cost each start of evi half a millisecond where they are needed. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text)
}

/** Characters of foreign data that no terminal may get, but the tab, and in a block the line feed. */
function patterns(): { readonly line: RegExp; readonly block: RegExp } {
  made ??= {
    line: new RegExp(`(?!\\t)[${unprintable}]`, 'gu'),
    block: new RegExp(`(?![\\t\\n])[${unprintable}]`, 'gu'),
  }
  return made
}

let made: ReturnType<typeof patterns> | undefined

/** A character as it is shown: `\x1b`, `\u{202e}`. */
export function escapeCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0
  return point <= 0xff ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16)}}`
}
