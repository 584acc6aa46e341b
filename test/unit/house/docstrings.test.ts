import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it, test } from 'vitest'
import { undocumented } from '../../../scripts/lint-docstrings.ts'

test.each([
  ['a function', 'export function wait() {}'],
  ['an async function', 'export async function wait() {}'],
  ['a function in a constant', 'export const wait = () => 1'],
  ['a class', 'export class wait {}'],
  ['a function whose docstring has only tags', '/** @throws EviError `usage` */\nexport function wait() {}'],
  ['a function behind a plain comment', '// Waits.\nexport function wait() {}'],
])('the lint refuses %s without a sentence that says what it is', (_, text) => {
  expect(undocumented('a.ts', text)).toEqual([{ line: text.split('\n').length, name: 'wait' }])
})

test.each([
  ['a function with a docstring', '/** Waits. @throws EviError `timeout` */\nexport function wait() {}'],
  ['a docstring of several lines', '/**\n * Waits.\n *\n * @throws EviError\n */\nexport function wait() {}'],
  ['what no other file can use', 'function wait() {}'],
  [
    'a constant, a type and an export of another file',
    "export const one = 1\nexport type One = 1\nexport * from 'a'",
  ],
])('the lint lets %s pass', (_, text) => {
  expect(undocumented('a.ts', text)).toEqual([])
})

const root = fileURLToPath(new URL('../../..', import.meta.url))

it('src/lib has no exported function or class without a docstring', () => {
  const files = globSync('src/lib/**/*.ts', { cwd: root, exclude: ['**/*.d.ts'] })
  expect(files.length).toBeGreaterThan(100)
  const found = files.flatMap((file) =>
    undocumented(file, readFileSync(`${root}/${file}`, 'utf8')).map(({ name }) => `${file}: ${name}`),
  )
  expect(found).toEqual([])
})
