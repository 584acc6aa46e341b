/** What a sentence says before its colon, for those who have read the rest; all of a sentence without one. @param more a mark that there is more */
export function beginningOf(sentence: string, more: string): string {
  const colon = sentence.indexOf(': ')
  return colon < 0 ? sentence : `${sentence.slice(0, colon)} ${more}`
}
