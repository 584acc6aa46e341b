import { existsSync, renameSync, rmSync } from 'node:fs'
import { EviError, systemCode } from '#lib/errors.ts'
import { writeWhole } from './write-whole.ts'

/**
 * Checks the name of a file for Prometheus' node exporter, which reads no other names.
 *
 * @throws EviError `usage`
 */
export function checkMetricsName(path: string): string {
  if (path.endsWith('.prom')) return path
  throw new EviError('usage', `--prometheus ${path} does not end with .prom.`, {
    hint: 'The node exporter reads only such names in its textfile directory: --prometheus /var/lib/prometheus/node-exporter/evi.prom',
  })
}

/**
 * Puts metrics in the place of a file's content: all of them, or none, for everyone to read.
 *
 * @throws EviError `cannot-write`; then the file is as it was
 */
export function writeMetrics(path: string, text: string): void {
  // The node exporter does not read this name.
  const draft = `${path}.${process.pid}`
  try {
    writeWhole(draft, Buffer.from(text), { flags: 'w', mode: 0o644 })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    const reason = systemCode(error) ?? String(error)
    throw new EviError('cannot-write', `The metrics cannot be written to ${path}: ${reason}.`, {
      hint: existsSync(path) ? 'It still has the metrics of an earlier check.' : 'There is no such file yet.',
      cause: error,
    })
  }
}
