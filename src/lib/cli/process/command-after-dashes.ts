/** The argv behind `--`, a command to run; empty where there is none. */
export function commandAfterDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end < 0 ? [] : argv.slice(end + 1)
}
