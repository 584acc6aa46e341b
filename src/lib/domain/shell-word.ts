/** A word as a POSIX shell reads it back, quoted only where it has to be, for commands that are meant to be pasted. */
export function shellWord(text: string): string {
  return /^[\w%+,./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
