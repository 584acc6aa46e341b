/** Words between dots; `*` stands for one word and `#` for any number of them, none included. */
export function matchesTopic(pattern: string, key: string): boolean {
  return matchesWords(wordsOf(pattern), wordsOf(key))
}

/** No words at all in an empty key, as RabbitMQ has it. */
function wordsOf(key: string): string[] {
  return key === '' ? [] : key.split('.')
}

/** One pass with a row of which beginnings of the key the pattern so far matches, so that many `#` cost no more. */
function matchesWords(pattern: readonly string[], words: readonly string[]): boolean {
  let row = [true, ...words.map(() => false)]
  for (const part of pattern) {
    const next = row.map(() => false)
    for (const [at, matched] of row.entries()) {
      if (part === '#') next[at] = matched || (next[at - 1] ?? false)
      else next[at] = (row[at - 1] ?? false) && (part === '*' || part === words[at - 1])
    }
    row = next
  }
  return row.at(-1) ?? false
}
