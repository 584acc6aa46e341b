import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

test('docs/commands has the commands as --help shows them', () => {
  execFileSync(process.execPath, ['scripts/docs/readme.ts', '--check'], { cwd: root, stdio: 'inherit' })
})
