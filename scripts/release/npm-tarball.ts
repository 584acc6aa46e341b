import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { root } from '../prepare.ts'

/** Writes the npm package into a directory; `prepack` builds it. */
export function packNpm(directory: string): void {
  mkdirSync(directory, { recursive: true })
  execFileSync('npm', ['pack', '--pack-destination', directory], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
