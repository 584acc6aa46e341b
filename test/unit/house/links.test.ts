import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { deadLinksOf } from '../../helpers/links.ts'

const listed = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md']
const pages = execFileSync('git', listed, { encoding: 'utf8' }).trim().split('\n').filter(existsSync)

test.for(pages)('each link of %s leads to a file, and to a heading where it names one', (page) => {
  expect(deadLinksOf(page)).toEqual([])
})
