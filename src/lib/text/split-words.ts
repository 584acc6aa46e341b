import { EviError } from '#lib/errors.ts'
import { pointAt } from '#lib/text/layout/point-at.ts'

/** What a shell acts on where it is not quoted. */
const operators = '|&;<>()$`'

/**
 * Splits a command into its words: blanks part them, quotes and backslashes keep them together as in a POSIX shell, and
 * nothing is expanded.
 *
 * @param source what the error names, such as `--exec`
 * @throws EviError `usage`, with a caret under a quote that does not end, or under what only a shell understands
 */
export function splitWords(command: string, source: string): readonly string[] {
  const words: string[] = []
  const piece =
    /(?<blank>\s+)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|\\(?<escaped>.)|(?<plain>[^\s'"\\]+)|./gsy
  let word: string | undefined
  for (const { 0: whole, index, groups = {} } of command.matchAll(piece)) {
    const { blank, single, double, escaped, plain } = groups
    if (blank !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    const operator =
      plain === undefined ? -1 : [...plain].findIndex((character) => operators.includes(character))
    if (operator >= 0) throw needsShell(command, index + operator, source)
    const text = single ?? double?.replace(/\\([\\"$`])/g, '$1') ?? escaped ?? plain
    if (text === undefined) throw unended(command, { index, quote: whole, source })
    word = (word ?? '') + text
  }
  if (word !== undefined) words.push(word)
  if (words.length > 0 && words[0] !== '') return words
  throw new EviError('usage', `${source} names no command.`)
}

function needsShell(command: string, index: number, source: string): EviError {
  return new EviError(
    'usage',
    `${source} runs one command without a shell, which ${JSON.stringify(command[index])} needs.\n${pointAt(command, index)}`,
    { hint: `Quote it, or give the whole to a shell: ${source} "sh -c '...'"` },
  )
}

function unended(
  command: string,
  { index, quote, source }: { readonly index: number; readonly quote: string; readonly source: string },
): EviError {
  const fault = quote === '\\' ? 'ends with a backslash' : `has a ${quote} that does not end`
  return new EviError('usage', `${source} ${fault}.\n${pointAt(command, index)}`)
}
