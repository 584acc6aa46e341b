// `npm run fuzz [CASES]`: the properties of test/unit with a million cases or more, in rounds, each from a seed of its
// own. The same files run with fewer cases in `npm test`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildIfStale, root } from '../prepare.ts'

const wanted = Number(process.argv[2] ?? process.env.EVI_FUZZ_CASES ?? 1_000_000)
const firstSeed = Number(process.env.EVI_FUZZ_SEED ?? Date.now() % 2 ** 31)
/** A round takes so many times the cases of a test run. */
const factor = Number(process.env.EVI_FUZZ ?? 4)

const files = readdirSync(join(root, 'test/unit'), { recursive: true, encoding: 'utf8' })
  .map((file) => join('test/unit', file))
  .filter(
    (file) => file.endsWith('.test.ts') && readFileSync(join(root, file), 'utf8').includes("'fast-check'"),
  )
const directory = mkdtempSync(join(tmpdir(), 'evi-fuzz-'))
const countFile = join(directory, 'count')
const start = performance.now()
let cases = 0
let failed = !(Number.isInteger(wanted) && wanted > 0 && buildIfStale())
try {
  for (let seed = firstSeed; !failed && cases < wanted; seed++) {
    failed = !passes({ EVI_FUZZ: String(factor), EVI_FUZZ_SEED: String(seed), EVI_FUZZ_COUNT: countFile })
    cases += countOf(countFile)
    const seconds = Math.round((performance.now() - start) / 1000)
    process.stdout.write(
      `${failed ? '✖' : '✔'} seed ${seed}: ${cases} of ${wanted} cases after ${seconds} s\n`,
    )
    if (failed) process.stdout.write(`  Again: EVI_FUZZ_SEED=${seed} EVI_FUZZ=${factor} npm run fuzz 1\n`)
  }
} finally {
  rmSync(directory, { recursive: true })
}
process.exitCode = failed ? 1 : 0

function passes(environment: Readonly<Record<string, string>>): boolean {
  writeFileSync(countFile, '')
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--project', 'unit', '--reporter=dot', ...files],
    {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: 'inherit',
    },
  )
  return status === 0
}

/** Each property wrote a line. */
function countOf(file: string): number {
  return readFileSync(file, 'utf8')
    .split('\n')
    .reduce((sum, line) => sum + Number(line), 0)
}
