/** A word as a POSIX shell reads it back, quoted only where it has to be, for commands that are meant to be pasted. */
export function shellWord(text: string): string {
  if (/^[\w%+,./:=@-]+$/.test(text)) return text
  // A line end would tear what is pasted; only one at the very end gets lost so.
  if (/\p{Cc}/u.test(text)) return `"$(printf '${quote(printfWord(text))}')"`
  return `'${quote(text)}'`
}

function quote(text: string): string {
  return text.replaceAll("'", "'\\''")
}

/** Control characters by their octal number. */
function printfWord(text: string): string {
  return text.replace(/[%\\]|\p{Cc}/gu, (character) => {
    if (character === '%') return '%%'
    if (character === '\\') return '\\\\'
    const bytes = [...new TextEncoder().encode(character)]
    return bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  })
}
