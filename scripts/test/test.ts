// `npm test [-- [--rabbitmq 3.10|4.0|4.3] ARGUMENTS OF VITEST]`: style, types and all tests, against the machine's own
// RabbitMQ (3.10) or another one; without arguments, also what depends on the version against the others. The last line
// is `N passed, N failed`, whatever ends it.
import { setImmediate } from 'node:timers/promises'
import { buildIfStale, ensureRabbitmq, getRabbitmq, runs, useRabbitmq } from '../prepare.ts'
import { otherRabbitmqs, type TestedRabbitmq } from '../rabbitmq/other-rabbitmqs.ts'
import { isFreeOfVulnerabilities } from './audit.ts'
import { makeRunDirectory, removeRun } from './leftovers.ts'
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

/** A part of the run. `retried` and `skipped` are what is to be said of it beside its numbers. */
type Result = Numbers & { readonly name: string; readonly retried?: string; readonly skipped?: string }
const results: Result[] = [
  {
    name: 'A RabbitMQ to test against',
    ...(await check(() => (rabbitmq === own ? ensureRabbitmq() : useRabbitmq(rabbitmq)))),
  },
  { name: 'Style (biome)', ...(await check(() => runs('biome', 'check', '--error-on-warnings', '.'))) },
  { name: 'Language (docs/style.md)', ...(await check(() => runs('node', 'scripts/lint-language.ts'))) },
  { name: 'Unused code (knip)', ...(await check(() => runs('knip'))) },
  { name: 'Types (tsc)', ...(await check(() => runs('tsc', '--noEmit'))) },
  { name: 'Build', ...(await check(buildIfStale)) },
  { name: 'Tests (vitest)', ...(await tests(argv, process.env.EVI_RABBITMQ_HOME)) },
  { name: 'Vulnerabilities (npm audit)', ...(await check(() => audited)) },
]
if (argv.length === 0 && rabbitmq === own)
  for (const other of otherRabbitmqs) results.push(await testsOn(other))
process.stdout.write(results.map(describe).join(''))
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

/** @param home the directory of a RabbitMQ; the machine's own is taken where it is undefined */
async function tests(argv: readonly string[], home: string | undefined): Promise<VitestResult> {
  const environment = { ...process.env, TMPDIR: directory, EVI_RABBITMQ_HOME: home }
  return await runVitest(argv, interruption.signal, { environment })
}

/** Where it cannot be fetched, the run does not fail, and its summary says so. */
async function testsOn({ version, tests: argv }: TestedRabbitmq): Promise<Result> {
  const name = `Tests on RabbitMQ ${version}`
  const found = interruption.signal.aborted ? { home: '' } : await getRabbitmq(version)
  if ('reason' in found) return { name, passed: 0, failed: 0, skipped: found.reason }
  return { name, ...(await tests(argv, found.home)) }
}

function describe({ name, passed, failed, skipped }: Result): string {
  if (skipped !== undefined) return `! ${name}: SKIPPED, nothing was tested on it. ${skipped}\n`
  return `${failed === 0 ? '✔' : '✖'} ${name}: ${passed} passed, ${failed} failed\n`
}

/** Splits the version of RabbitMQ from the arguments of vitest. */
function readArguments(all: readonly string[]): { rabbitmq: string; argv: readonly string[] } {
  const index = all.indexOf('--rabbitmq')
  if (index < 0) return { rabbitmq: own, argv: all }
  return { rabbitmq: all[index + 1] ?? '', argv: all.toSpliced(index, 2) }
}
