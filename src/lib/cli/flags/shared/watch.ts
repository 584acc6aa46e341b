import { numberFlag } from './number.ts'

/** Between two looks, where `--watch` has no time of its own. */
const standard = '5s'

/** Looks again and again: `--watch [TIME]`. */
export const watchFlag = numberFlag({
  description: `look again each TIME (default ${standard}) until Ctrl-C; the exit code is that of the last look`,
  helpValue: '[TIME]',
  min: 0.1,
  max: 86_400,
  unit: 'seconds',
  exclusive: ['quiet'],
})

/** The arguments with the time that `--watch` stands for where it has none; oclif knows no flag whose value may be missing. */
export function withWatchTime(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  const at = argv.indexOf('--watch')
  if (at < 0 || (end >= 0 && at > end) || /^[\d.]/.test(argv[at + 1] ?? '')) return [...argv]
  return argv.toSpliced(at, 1, `--watch=${standard}`)
}
