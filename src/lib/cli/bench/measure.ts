import type { Context } from '#lib/cli/context.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { type BenchReport, type BenchRequest, bench } from '#lib/services/bench/bench.ts'
import type { Output } from '#lib/terminal/output.ts'
import { startBenchProgress } from '#lib/views/bench/bench-progress.ts'
import { renderBenchStart } from '#lib/views/bench/render-bench.ts'
import type { Progress } from '#lib/views/raise-stream/progress-bar.ts'
import type { Load } from './bench-load.ts'

/** Measures, with a progress bar on a terminal. @throws EviError `unreachable`, `refused`, `timeout`, `interrupted` */
export async function measure(
  load: Load,
  { context, err }: { readonly context: Context; readonly err: Output },
): Promise<BenchReport> {
  let progress: Progress | undefined
  const onStart: BenchRequest['onStart'] = async (host, counts) => {
    err.write(renderBenchStart(load, host, err.style()))
    if (process.stderr.isTTY) progress = await startBenchProgress(counts, load.length)
  }
  const report = await bench({ ...load, signal: takeInterrupts(), onStart }, await context.broker())
  progress?.stop()
  return report
}
