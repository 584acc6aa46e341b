// `npm run soak [-- --quick] [--json] [--seed N] [NAME…]`: what evi promises, while brokers, connections and networks
// break. The report goes to stdout, and that of a whole run without --quick to docs/, too.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitCodes } from '#lib/exit-codes.ts'
import { machineFacts } from '../scripts/machine.ts'
import { buildIfStale, ensureRabbitmq, root } from '../scripts/prepare.ts'
import { interrupted } from '../scripts/program.ts'
import { readOptions } from './options.ts'
import { progressOf } from './progress.ts'
import { Random } from './random.ts'
import {
  allKept,
  isKept,
  type Report,
  type Result,
  reasonsOf,
  renderReport,
  reportDocument,
} from './report.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'
import { rabbitmqVersion } from './version.ts'

const { quick, json, seed, chosen, command } = readOptions(process.argv.slice(2), scenarios)
if (!ensureRabbitmq() || !buildIfStale()) process.exit(1)

// Asked first, as its failure would lose the report.
const facts = machineFacts(rabbitmqVersion())
const directory = mkdtempSync(join(tmpdir(), 'evi-soak-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
process.stderr.write(`The seed is ${seed}; the same faults again: --seed ${seed}\n`)

const results: Result[] = []
for (const scenario of chosen) {
  if (!interrupted.aborted) results.push(await carryOut(scenario))
}
if (interrupted.aborted) process.exit(exitCodes.interrupted)
const report: Report = { results, command, seed, date: new Date(), facts }
process.stdout.write(json ? `${JSON.stringify(reportDocument(report))}\n` : renderReport(report))
if (!quick && chosen.length === scenarios.length)
  writeFileSync(join(root, 'docs/soak.md'), renderReport(report))
process.exitCode = allKept(report) ? 0 : 1

/** A scenario that cannot be carried through is reported, and does not take the others' results with it. */
async function carryOut(scenario: Scenario): Promise<Result> {
  const { name } = scenario
  const start = performance.now()
  const progress = progressOf(name)
  const own = join(directory, name)
  mkdirSync(own)
  const environment = { EVI_CONFIG_DIR: join(own, 'config'), EVI_CACHE_DIR: join(directory, 'cache') }
  const evi = [process.execPath, join(root, 'bin/run.js')] as const
  const random = Random.for(seed, name)
  const rig = { quick, random, evi, directory: own, environment, progress: progress.show }
  progress.show('starting')
  const outcome = await scenario.run(rig).catch((error: unknown) => {
    if (!(error instanceof Error)) throw error
    return `It could not be carried through: ${error.message}`
  })
  const seconds = (performance.now() - start) / 1000
  const result = { scenario, outcome, seconds }
  progress.end(isKept(result), seconds, reasonsOf(result))
  return result
}
