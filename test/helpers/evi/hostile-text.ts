const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index))

/** All that a terminal acts on, or that hides in it: C0 (but NUL, which no argument can have), DEL and C1. */
const controls = [...range(0x01, 0x1f), ...range(0x7f, 0x9f)].join('')
/** Bidirectional controls, separators, zero-width characters, fillers, a byte order mark, tags, a variation selector. */
const hidden = [
  ...['\u061c', ...range(0x200b, 0x200f), ...range(0x2028, 0x202e), ...range(0x2060, 0x206f)],
  ...['\u00ad', '\u034f', '\u115f', '\u3164', '\ufe0f', '\ufeff', '\u{e0001}', '\u{e0041}'],
].join('')
/** What such characters are good for: titles, a cleared screen, answers typed by the terminal, links, hidden words. */
const sequences = [
  '\x1b]0;owned\x07',
  '\x1b[2J\x1b[H',
  '\x1b[6n\x1b[c\x1bZ',
  '\x1b]52;c;b3duZWQ=\x1b\\',
  '\x1b]8;;http://owned\x1b\\x\x1b]8;;\x1b\\',
  '\x1bP$q"p\x1b\\',
  '\x1b[8m\x1b[5;31m',
  '\x9b31m\x9d0;owned\x9c',
  '\r\x08\x0b\x0c\x0e\x0f',
].join('')

export const hostile = controls + hidden + sequences
/** Without blanks, for what may have none. */
export const hostileWord = hostile.replace(/\s/gu, '')
/** Bytes that are no UTF-8: a lone continuation, an overlong slash, half of a surrogate, a cut character, 0xff. */
export const broken = Buffer.from('80c0afeda080e282ff1b5b41', 'hex')

/** What a terminal got beside text, line ends (CR LF there) and evi's own colours. */
export function leftovers(raw: string): readonly string[] {
  const colour = new RegExp(`${String.fromCharCode(0x1b)}\\[(?:1|2|4|22|24|3[125]|39)m`, 'g')
  const text = raw.replace(colour, '').replaceAll('\r\n', '\n')
  return text.match(/[^\P{Cc}\t\n]|[\p{Cf}\p{Zl}\p{Zp}\p{DI}]/gu) ?? []
}
