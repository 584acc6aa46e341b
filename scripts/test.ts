// `npm test [-- [--rabbitmq 3.10|4.0|4.3] ARGUMENTS OF VITEST]`: style, types and all tests, against the machine's own
// RabbitMQ (3.10) or another one; the last line is `N passed, N failed`, whatever ends it.
import { setImmediate } from 'node:timers/promises'
import { isFreeOfVulnerabilities } from './audit.ts'
import { makeRunDirectory, removeRun } from './leftovers.ts'
import { buildIfStale, ensureRabbitmq, runs, useRabbitmq } from './prepare.ts'
import type { Numbers } from './run-progress.ts'
import { runVitest, type VitestResult } from './vitest-run.ts'

/** Debian 12's, which is the machine's own. */
const own = '3.10'
const { rabbitmq, argv } = readArguments(process.argv.slice(2))
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interruption.abort(`${signal} ends the tests.`))

// Asked beside all else, and for all tests only.
const audited = argv.length === 0 ? isFreeOfVulnerabilities() : true
const directory = makeRunDirectory()

const results: Array<Numbers & { name: string; retried?: string }> = [
  {
    name: 'A RabbitMQ to test against',
    ...(await check(() => (rabbitmq === own ? ensureRabbitmq() : useRabbitmq(rabbitmq)))),
  },
  { name: 'Style (biome)', ...(await check(() => runs('biome', 'check', '--error-on-warnings', '.'))) },
  { name: 'Language (docs/style.md)', ...(await check(() => runs('node', 'scripts/lint-language.ts'))) },
  { name: 'Unused code (knip)', ...(await check(() => runs('knip'))) },
  { name: 'Types (tsc)', ...(await check(() => runs('tsc', '--noEmit'))) },
  { name: 'Build', ...(await check(buildIfStale)) },
  { name: 'Tests (vitest)', ...(await tests()) },
  { name: 'Vulnerabilities (npm audit)', ...(await check(() => audited)) },
]
for (const { name, passed, failed } of results) {
  process.stdout.write(`${failed === 0 ? '✔' : '✖'} ${name}: ${passed} passed, ${failed} failed\n`)
}
process.stdout.write(results.map(({ retried = '' }) => retried).join(''))
const sum = (key: keyof Numbers) => results.reduce((total, result) => total + result[key], 0)
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`)
process.exitCode = sum('failed') === 0 ? 0 : 1
await removeRun(directory)
// What an interrupted check has begun is not waited for.
process.exit()

/** One check, which is skipped after an interruption. */
async function check(action: () => boolean | Promise<boolean>): Promise<Numbers> {
  // A signal that came during the last check is delivered here.
  await setImmediate()
  const good = !interruption.signal.aborted && (await action())
  return good ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

async function tests(): Promise<VitestResult> {
  return await runVitest(argv, interruption.signal, { environment: { ...process.env, TMPDIR: directory } })
}

/** Splits the version of RabbitMQ from the arguments of vitest. */
function readArguments(all: readonly string[]): { rabbitmq: string; argv: readonly string[] } {
  const index = all.indexOf('--rabbitmq')
  if (index < 0) return { rabbitmq: own, argv: all }
  return { rabbitmq: all[index + 1] ?? '', argv: all.toSpliced(index, 2) }
}
