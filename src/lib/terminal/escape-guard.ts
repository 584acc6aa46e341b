import type { WriteStream } from 'node:tty'
import { unprintable } from '#lib/text/characters.ts'
import { escapeCharacter } from '#lib/text/escape-controls.ts'

/** What is written around text: bold, faint, underlined, red, green, magenta, and their ends. */
const colours: ReadonlySet<string> = new Set([1, 2, 4, 22, 24, 31, 32, 35, 39].map((code) => `\x1b[${code}m`))
/** How prompts and progress move the cursor, clear, wrap, hide and colour; nothing that stays, or that a terminal answers. */
const drawing = /^.(?:\[\d*(?:;\d+)?[A-HJKm]|\[\?(?:7|25)[hl]|[78])$/s
const drawingControls: ReadonlySet<string> = new Set(['\r', '\b', '\x07'])

/**
 * Lets nothing but text and evi's own colours onto a terminal. What comes from outside is made
 * visible where it is rendered, for pipes and files too; this is the net below, for what was forgotten there and for
 * the messages of libraries.
 */
export function guardTerminal(stream: WriteStream): void {
  const write = stream.write.bind(stream) as (text: string, ...more: unknown[]) => boolean
  stream.write = (chunk: string | Uint8Array, ...more: unknown[]): boolean =>
    write(harmless(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()), ...more)
}

/** From here on prompts and progress may draw. */
export function allowDrawing(): void {
  draws = true
}

let draws = false
let pattern: RegExp | undefined

/** The text, with all that is neither text nor one of evi's colours shown as an escape. */
export function harmless(text: string): string {
  pattern ??= new RegExp(`\\p{Cc}(?:\\[[?\\d;]*[A-Za-z]|[78])|(?![\\t\\n])[${unprintable}]`, 'gu')
  return text.replace(pattern, (found) => (isOwn(found) ? found : escapeFirst(found)))
}

function isOwn(found: string): boolean {
  if (found.startsWith('\x1b')) return colours.has(found) || (draws && drawing.test(found))
  return draws && drawingControls.has(found)
}

/** What follows the character that a terminal would act on is text without it. */
function escapeFirst(found: string): string {
  const [first = ''] = found
  return (/[\t\n]/.test(first) ? first : escapeCharacter(first)) + found.slice(first.length)
}
