import { readFileSync } from 'node:fs'
import { withDeadline } from '#lib/async/deadline.ts'
import { EviError } from '#lib/errors.ts'

/** Descriptors that are left for all but connections: those of the runtime, files, look-ups, the management API. */
const reserved = 32
/** Connections that are opened without a look at the limit, which would cost each raise a file. */
const unlimited = 8

let open = 0
/** Connections that are being closed, whose descriptors are free soon. */
let leaving = 0
let lastFreed = 0
/** Connections that were open or waited for at once, so far. */
let mostWanted = 0
let most: number | undefined
/** In the order in which they came. */
const waiting: PromiseWithResolvers<void>[] = []
/** Of those who may close a connection, the oldest first. */
const listeners = new Set<() => void>()

/**
 * Waits until the limit of open files (`ulimit -n`) has room for one more connection.
 *
 * @param milliseconds to wait for each connection that ends
 * @returns to be called when the connection is closed
 * @throws EviError `unreachable` when no connection ends; it may pass
 */
export async function takeConnectionSlot(milliseconds: number): Promise<() => void> {
  if (open < unlimited || open < limit()) open++
  else await nextFreed(milliseconds)
  return free
}

/** More connections wait for a descriptor than are being closed. */
export function areSlotsWanted(): boolean {
  return waiting.length > leaving
}

/** Calls the listener whenever a connection begins to wait for a descriptor. @returns to be called when that is of no use any more */
export function onSlotWanted(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Counts a connection as one that is being closed. @returns to be called when it is closed */
export function leaveSlot(): () => void {
  leaving++
  return () => {
    leaving--
  }
}

/** Resolves when a connection has left its descriptor to this one. */
async function nextFreed(milliseconds: number): Promise<void> {
  const turn = Promise.withResolvers<void>()
  waiting.push(turn)
  mostWanted = Math.max(mostWanted, open + waiting.length)
  for (const listener of listeners) if (areSlotsWanted()) listener()
  const start = performance.now()
  let left = milliseconds
  while ((await withDeadline(turn.promise, left)) === 'late') {
    left = Math.max(start, lastFreed) + milliseconds - performance.now()
    if (left > 0) continue
    waiting.splice(waiting.indexOf(turn), 1)
    throw tooMany(open)
  }
}

function free(): void {
  lastFreed = performance.now()
  const next = waiting.shift()
  if (next) next.resolve()
  else open--
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

/** None of the open connections ends. */
export class NoDescriptor extends EviError {}

function tooMany(count: number): EviError {
  return new NoDescriptor(
    'unreachable',
    `No further connection can be opened: ${count} are open, and the limit of open files allows no more.`,
    { hint: `Raise the limit in this shell: ulimit -n ${mostWanted + reserved}`, transient: true },
  )
}
