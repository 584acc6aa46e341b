/** A command line up to the cursor, as a shell takes it apart. */
export interface CommandLine {
  /** The words before the one at the cursor, without their quotes; the program itself is not among them. */
  readonly words: readonly string[]
  readonly current: CurrentWord
}

/** The word at the cursor. */
export interface CurrentWord {
  /** Without its quotes. */
  readonly text: string
  /** The quote that is still open at the cursor. */
  readonly quote: "'" | '"' | undefined
  /** How many characters of the text bash leaves as they are: it replaces only what is behind the last break. */
  readonly kept: number
}

/**
 * Takes a command line apart by the rules of POSIX shells, which those of fish resemble closely enough. Variables and
 * substitutions are left as they are written.
 *
 * @param breaks characters that end a word for bash's readline (COMP_WORDBREAKS); they count outside quotes only
 */
export function readCommandLine(line: string, breaks = ''): CommandLine {
  const words: string[] = []
  let word: { text: string; kept: number } | undefined
  let quote: CurrentWord['quote']
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string
    if (quote === undefined && /[ \t\n]/.test(character)) {
      if (word) words.push(word.text)
      word = undefined
      continue
    }
    word ??= { text: '', kept: 0 }
    const isQuote = character === '"' || character === "'"
    if (character === quote) {
      quote = undefined
      word.kept = word.text.length
    } else if (quote === undefined && isQuote) {
      quote = character
      word.kept = word.text.length
    } else if (character === '\\' && escapes(line[at + 1], quote)) {
      word.text += line[++at] ?? ''
    } else {
      word.text += character
      if (quote === undefined && breaks.includes(character)) word.kept = word.text.length
    }
  }
  const { text, kept } = word ?? { text: '', kept: 0 }
  return { words: words.slice(firstArgument(words)), current: { text, quote, kept } }
}

/** What bash inserts for a candidate in the place of the current word's end; undefined where its quotes forbid it. */
export function bashInsertion(candidate: string, { quote, kept }: CurrentWord): string | undefined {
  const inserted = candidate.slice(kept)
  if (quote === "'") return inserted.includes("'") ? undefined : inserted
  if (quote === '"') return inserted.replace(/["$`\\]/g, '\\$&')
  return inserted.replace(/[^\w%+,./:=@^-]/gu, '\\$&')
}

function escapes(next: string | undefined, quote: CurrentWord['quote']): boolean {
  if (quote === "'") return false
  return quote === undefined || (next !== undefined && '"$`\\'.includes(next))
}

/** Behind the program, and what is set for it alone: `EVI_CONFIG_DIR=/etc/evi evi list`. */
function firstArgument(words: readonly string[]): number {
  return words.findIndex((word) => !/^\w+=/.test(word)) + 1
}
