import { spawnSync } from 'node:child_process'
import { availableParallelism, loadavg } from 'node:os'

/** Milliseconds that Node takes to start on an idle machine of the usual speed. */
const usualStart = 60

/**
 * How many times as long as usual evi and a broker may take on this machine, 1 to 10; what tests wait for is multiplied
 * by it. It is measured once for all tests of a run, where EVI_TEST_SLOWNESS does not say it.
 */
export const slowness = Number(process.env.EVI_TEST_SLOWNESS) || measure()
// The workers inherit it.
process.env.EVI_TEST_SLOWNESS = String(slowness)

function measure(): number {
  const [load = 0] = loadavg()
  const starts = Array.from({ length: 3 }, startOfNode)
  const factor = Math.max(load / availableParallelism(), Math.max(...starts) / usualStart)
  return Math.round(Math.min(10, Math.max(1, factor)) * 10) / 10
}

function startOfNode(): number {
  const start = performance.now()
  spawnSync(process.execPath, ['-e', '0'])
  return performance.now() - start
}

/** Settings of evi for tests whose subject is not the time that the broker takes. */
export const slowSettings = {
  EVI_TIMEOUT: String(Math.round(5000 * slowness)),
  EVI_CONNECT_TIMEOUT: String(Math.round(500 * slowness)),
} as const
