// `npm run bench [-- --quick] [NAME…]`: measures evi against what it is compared with. The report goes to stdout, and
// that of a whole run without --quick to docs/, too.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EviError } from '#lib/errors.ts'
import { startSandbox } from '#lib/sandbox/sandbox.ts'
import { machineFacts } from '../scripts/machine.ts'
import { buildIfStale, ensureRabbitmq, root } from '../scripts/prepare.ts'
import { interrupted } from '../scripts/program.ts'
import { compilePrograms, type Programs } from './c.ts'
import { renderChart } from './chart.ts'
import { compilerFact } from './compiler.ts'
import { groups } from './groups.ts'
import { type Report, type Result, renderReport } from './report.ts'
import type { Rig } from './rig.ts'

const words = process.argv.slice(2)
const quick = words.includes('--quick')
const names = words.filter((word) => word !== '--quick')
const unknown = names.filter((name) => groups.every((group) => group.name !== name))
if (unknown.length > 0) {
  const all = groups.map(({ name }) => name).join(', ')
  process.stderr.write(`There is no benchmark named ${unknown.join(', ')}.\n  There are: ${all}\n`)
  process.exit(64)
}
if (!ensureRabbitmq() || !buildIfStale()) process.exit(1)

const directory = mkdtempSync(join(tmpdir(), 'evi-bench-'))
process.on('exit', () => rmSync(directory, { recursive: true }))
const programs = compilePrograms(directory)
if (!programs) process.exit(1)
const report = await measure(programs).catch(endInWords)
if (interrupted.aborted) process.exit(130)
process.stdout.write(renderReport(report))
const whole = names.length === 0 && !quick && report.results.length === groups.length
if (whole) writeDocs(report)

async function measure(c: Programs): Promise<Report> {
  const broker = await startSandbox({ signal: interrupted })
  try {
    const executable = join(root, `build/evi-linux-${process.arch}`)
    const results = await measureAll({
      quick,
      broker,
      evi: [process.execPath, join(root, 'bin/run.js')],
      executable: existsSync(executable) ? executable : undefined,
      c,
      directory,
      environment: { EVI_CONFIG_DIR: join(directory, 'config'), EVI_CACHE_DIR: join(directory, 'cache') },
    })
    const command = ['npm run bench', ...(words.length > 0 ? ['--', ...words] : [])].join(' ')
    return { results, command, date: new Date(), facts: [...machineFacts(broker.version), compilerFact()] }
  } finally {
    await broker.stop()
  }
}

/** A group that fails is reported, and does not take the others' results with it. */
async function measureAll(rig: Rig): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const group of groups.filter(({ name }) => names.length === 0 || names.includes(name))) {
    if (interrupted.aborted) break
    process.stderr.write(`Measuring ${group.name} …\n`)
    try {
      results.push({ group, rows: await group.measure(rig) })
    } catch (error) {
      if (!(error instanceof Error)) throw error
      process.stderr.write(`✖ ${group.name}: ${error.message}\n`)
      process.exitCode = 1
    }
  }
  return results
}

/** RabbitMQ does not start, or Ctrl-C came first. */
function endInWords(error: unknown): never {
  if (!(error instanceof EviError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(error.exit)
}

function writeDocs({ results, ...rest }: Report): void {
  const docs = join(root, 'docs')
  mkdirSync(docs, { recursive: true })
  writeFileSync(join(docs, 'benchmarks.svg'), renderChart(results.flatMap(({ rows }) => rows)))
  writeFileSync(join(docs, 'benchmarks.md'), renderReport({ results, ...rest }, 'benchmarks.svg'))
}
