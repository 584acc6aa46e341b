import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Where such characters are at home: the marks themselves, what recognizes them, and what turns them into roff. */
const exempt = ['src/lib/terminal/marks.ts', 'src/lib/terminal/lay-out.ts', 'src/lib/cli/help/roff.ts']

test('the source has no text but ASCII, so that it can be read in every locale', () => {
  const files = globSync('src/**/*.ts').filter((file) => !exempt.includes(file))
  expect(files.length).toBeGreaterThan(100)
  const found = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        /[^ -~\t]/.test(line) && !isComment(line) ? `${file}:${index + 1}: ${line}` : [],
      ),
  )
  expect(found).toEqual([])
})

function isComment(line: string): boolean {
  return /^\s*(?:\/\/|\/?\*)/.test(line)
}
