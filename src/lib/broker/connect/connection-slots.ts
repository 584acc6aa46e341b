import { readFileSync } from 'node:fs'
import { withDeadline } from '#lib/async/deadline.ts'
import { EviError } from '#lib/errors.ts'

/** Descriptors that are left for all but connections: those of the runtime, files, look-ups, the management API. */
const reserved = 32
/** Connections that are opened without a look at the limit, which would cost each raise a file. */
const unlimited = 8

let open = 0
let released = Promise.withResolvers<void>()
let most: number | undefined

/**
 * Waits until the limit of open files (`ulimit -n`) has room for one more connection.
 *
 * @param milliseconds to wait for each connection that ends
 * @returns to be called when the connection is closed
 * @throws EviError `unreachable` when no connection ends
 */
export async function takeConnectionSlot(milliseconds: number): Promise<() => void> {
  while (open >= unlimited && open >= limit()) {
    if ((await withDeadline(released.promise, milliseconds)) === 'late') throw tooMany(open)
  }
  open++
  return () => {
    open--
    released.resolve()
    released = Promise.withResolvers()
  }
}

function limit(): number {
  most ??= mostConnections()
  return most
}

/** As many as the limit of open files allows; no limit where the system does not say one (not Linux). */
function mostConnections(): number {
  try {
    const [, files] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return files === undefined ? Number.POSITIVE_INFINITY : Number(files) - reserved
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function tooMany(count: number): EviError {
  return new EviError(
    'unreachable',
    `No further connection can be opened: ${count} are open, and the limit of open files allows no more.`,
    { hint: `Raise the limit in this shell: ulimit -n ${4 * (count + reserved)}` },
  )
}
