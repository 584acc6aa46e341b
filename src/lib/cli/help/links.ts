import type { PJSON } from '@oclif/core/interfaces'

/** Where a user reads on and asks: the addresses of package.json, where it has them. */
export function helpFooter({ homepage, bugs }: PJSON): string {
  if (typeof homepage !== 'string') return 'Documentation: evi help --man, and docs/ of the package\n'
  const issues = typeof bugs === 'object' && bugs !== null && 'url' in bugs ? `   Problems: ${bugs.url}` : ''
  return `Documentation: ${homepage}${issues}\n`
}
