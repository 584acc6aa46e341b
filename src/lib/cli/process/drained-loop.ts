import { EviError } from '#lib/errors.ts'

let pending: AbortController[] = []

/**
 * Runs a command to its end. Node ends a process whose event loop has nothing left to wait for with 0, as if the command
 * were done.
 *
 * @throws EviError `internal` where the event loop drained before the command's end
 */
export async function untilDone<T>(command: Promise<T>): Promise<T> {
  const { promise: drained, reject } = Promise.withResolvers<never>()
  let hasDrained = false
  const onDrained = () => {
    const waiting = pending
    pending = []
    for (const controller of waiting) controller.abort()
    // First the command saves what is open; when the loop drains again, nothing more can be done.
    if (waiting.length === 0) reject(brokenOff())
    else hasDrained = true
  }
  process.on('beforeExit', onDrained)
  try {
    const result = await Promise.race([command, drained])
    if (hasDrained) throw brokenOff()
    return result
  } finally {
    process.off('beforeExit', onDrained)
  }
}

/** Aborted when the event loop drains before the command's end, so that the command can save what is open. */
export function whenLoopDrains(): AbortSignal {
  const controller = new AbortController()
  pending.push(controller)
  return controller.signal
}

function brokenOff(): EviError {
  return new EviError('internal', 'evi had nothing left to wait for before the command was done.', {
    hint: 'This is a bug. Run it again with EVI_DEBUG=1 to see where it happened, and report it.',
  })
}
