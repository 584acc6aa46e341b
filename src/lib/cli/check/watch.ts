import { startTimer } from '#lib/async/long-timer.ts'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import { takeInterrupts } from '#lib/cli/process/signals.ts'
import { EviError } from '#lib/errors.ts'

/**
 * Looks again and again until it is interrupted.
 *
 * @param look one look; resolves to its exit code
 * @param seconds between the end of a look and the next one
 * @returns the exit code of the last look that ended
 * @throws EviError `interrupted` before the first one ended
 */
export async function lookRepeatedly(look: () => Promise<number>, seconds: number): Promise<number> {
  const interrupted = takeInterrupts()
  let exit: number | undefined
  while (!interrupted.aborted) {
    const looked = await unlessStopped(interrupted, look())
    if (looked === 'stopped') break
    exit = looked
    await pauseUnlessStopped(interrupted, seconds * 1000)
  }
  if (exit === undefined) throw new EviError('interrupted', 'Interrupted.')
  return exit
}

async function pauseUnlessStopped(interrupted: AbortSignal, milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = startTimer(milliseconds, resolve)
  await unlessStopped(interrupted, promise)
  stop()
}
