import type { BenchCounts, BenchLength } from '#lib/services/bench/measurements.ts'
import { type Progress, startProgress } from '#lib/views/raise-stream/progress-bar.ts'

/** Shows on stderr, a terminal, how far a load is. */
export async function startBenchProgress(
  counts: Readonly<BenchCounts>,
  length: BenchLength,
): Promise<Progress> {
  const start = performance.now()
  return await startProgress({
    counts: {
      get done() {
        return counts.confirmed
      },
      get failed() {
        return counts.returned + counts.rejected
      },
    },
    doneAs: 'confirmed',
    share: () =>
      'seconds' in length
        ? Math.min(1, (performance.now() - start) / 1000 / length.seconds)
        : (counts.confirmed + counts.returned + counts.rejected) / length.events,
  })
}
