import { appendFileSync } from 'node:fs'
import fc, { type RunDetails } from 'fast-check'
import { cases } from './cases.ts'

/** One place for all properties: how often, from which seed, and how many cases there were. */
const { EVI_FUZZ_SEED: seed, EVI_FUZZ_COUNT: countFile } = process.env

fc.configureGlobal({
  numRuns: cases(100),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(countFile === undefined ? {} : { reporter: count }),
})

function count<T>(details: RunDetails<T>): void {
  appendFileSync(countFile as string, `${details.numRuns}\n`)
  if (details.failed) throw new Error(fc.defaultReportMessage(details))
}
