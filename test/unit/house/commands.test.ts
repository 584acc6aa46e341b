import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const commands = globSync('src/commands/**/*.ts', { cwd: root }).sort()

it.each(commands)('%s is a thin class: 60 lines at most', (file) => {
  const lines = readFileSync(`${root}/${file}`, 'utf8').trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(60)
})
