/**
 * The command line of `evi help` that shows what is asked for: by evi alone, by --help anywhere before `--`, or by the
 * name of a topic. Any other command line as it is.
 *
 * @param topics those that are no command themselves
 */
export function helpArgv(argv: string[], topics: readonly string[]): string[] {
  const end = argv.indexOf('--')
  const own = end < 0 ? argv : argv.slice(0, end)
  const firstFlag = own.findIndex((word) => word.startsWith('-'))
  const words = firstFlag < 0 ? own : own.slice(0, firstFlag)
  const asksForHelp = argv.length === 0 || own.some((word) => word === '--help' || word === '-h')
  if (!asksForHelp && !topics.includes(words.join(':'))) return argv
  return ['help', ...words.filter((word) => word !== 'help'), ...own.filter((word) => word === '--json')]
}
