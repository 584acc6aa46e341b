import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { runVitest } from '../../../scripts/test/vitest-run.ts'
import config from '../../../vitest.config.ts'

const tests = `
let runs = 0
it('works at once', () => {})
it('works at the second try', () => {
  if (runs++ === 0) throw new Error('the broker was busy')
})
`

function project(source: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'evi-vitest-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const settings = { test: { globals: true, retry: 1, include: ['*.test.js'] } }
  writeFileSync(join(directory, 'vitest.config.mjs'), `export default ${JSON.stringify(settings)}`)
  writeFileSync(join(directory, 'a.test.js'), source)
  return directory
}

async function run(source: string) {
  const directory = project(source)
  const { VITEST: _, ...environment } = process.env
  return await runVitest(['--root', directory], new AbortController().signal, {
    environment,
    output: 'ignore',
  })
}

it('a run names the test that failed at the first try and passed at the second', async () => {
  expect(await run(tests)).toEqual({
    passed: 2,
    failed: 0,
    retried:
      '1 passed only at the second try:\n  ! a.test.js > works at the second try\n      the broker was busy\n',
  })
})

it('a run counts a test that fails twice as failed', async () => {
  const result = await run(`it('never works', () => { throw new Error('no') })`)
  expect(result).toEqual({ passed: 0, failed: 1, retried: '' })
})

it('only tests against a broker are tried again', () => {
  const retries = config.test?.projects?.map((each) => {
    const { name, retry = 0 } = (each as { test: { name: string; retry?: number } }).test
    return [name, retry]
  })
  expect(retries).toEqual([
    ['unit', 0],
    ['broker', 1],
  ])
})
