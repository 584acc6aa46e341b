// `npm test [WORDS FOR VITEST]`: style, types and all tests; the last line is `N passed, N failed`.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { isFreeOfVulnerabilities } from './audit.ts'
import { buildIfStale, ensureRabbitmq, root, runs } from './prepare.ts'

interface Numbers {
  readonly passed: number
  readonly failed: number
}

/** Milliseconds; all tests take 3 to 10 minutes on two cores. */
const patience = 12 * 60_000

const words = process.argv.slice(2)
// Asked beside all else, and for all tests only.
const audited = words.length === 0 ? isFreeOfVulnerabilities() : true

const results = [
  { name: 'A RabbitMQ to test against', ...countOf(ensureRabbitmq()) },
  { name: 'Style (biome)', ...countOf(runs('biome', 'check', '--error-on-warnings', '.')) },
  { name: 'Types (tsc)', ...countOf(runs('tsc', '--noEmit')) },
  { name: 'Build', ...countOf(buildIfStale()) },
  { name: 'Tests (vitest)', ...(await vitest(words)) },
  { name: 'Vulnerabilities (npm audit)', ...countOf(await audited) },
]
for (const { name, passed, failed } of results) {
  process.stdout.write(`${failed === 0 ? '✔' : '✖'} ${name}: ${passed} passed, ${failed} failed\n`)
}
const sum = (key: keyof Numbers) => results.reduce((total, result) => total + result[key], 0)
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`)
process.exitCode = sum('failed') === 0 ? 0 : 1

function countOf(good: boolean): Numbers {
  return good ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** Runs vitest and returns its numbers; an end in failure without a failed test, as of its set-up, counts as one. */
async function vitest(words: readonly string[]): Promise<Numbers> {
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=./scripts/count-reporter.ts']
  // It would wait for ever for a process that a test left behind.
  const limit = { timeout: patience, killSignal: 'SIGKILL' } as const
  const child = fork(program, ['run', ...reporters, ...words], { cwd: root, ...limit })
  let numbers: Numbers = { passed: 0, failed: 0 }
  child.on('message', (message) => {
    numbers = message as Numbers
  })
  const [code, signal] = await once(child, 'exit')
  if (signal)
    process.stderr.write(
      `vitest was ended by ${signal}; after ${patience / 60_000} minutes it is not waited for.\n`,
    )
  return code === 0 ? numbers : { ...numbers, failed: Math.max(numbers.failed, 1) }
}
