/** Text as roff takes it for text: nothing in it is a request or an escape, and only ASCII is left. */
export function roff(text: string): string {
  return text.replace(/[\\'`^~-]|^\.|[^\n -~]/gmu, (character) => escapes[character] ?? unicode(character))
}

/** Text in bold; what roff would take for a command is escaped. */
export function bold(text: string): string {
  return `\\fB${roff(text)}\\fR`
}

/** Text in italics; what roff would take for a command is escaped. */
export function italic(text: string): string {
  return `\\fI${roff(text)}\\fR`
}

/** Paragraphs that blank lines keep apart. */
export function paragraphs(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((one) => roff(one))
    .join('\n.PP\n')
}

/** What every terminal shows, whatever its locale. */
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '.': '\\&.',
  '…': '...',
  '→': '\\->',
}

function unicode(character: string): string {
  return `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`
}
