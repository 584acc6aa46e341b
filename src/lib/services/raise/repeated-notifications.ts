import type { InputLine } from '#lib/domain/event/input-line.ts'

/** Lines that are raised together; with a pace each is alone, so that an interrupt finds none that waits. */
const together = 100

export interface Repetition {
  readonly count: number
  /** The notification of an event, by its number from 1. */
  readonly build: (n: number) => string
}

/** One notification after another as the lines of a stream, until there are enough or the signal comes. */
export async function* repeatedNotifications(
  { count, build }: Repetition,
  { signal, paced }: { readonly signal: AbortSignal; readonly paced: boolean },
): AsyncGenerator<readonly InputLine[]> {
  const size = paced ? 1 : together
  for (let first = 1; first <= count && !signal.aborted; first += size) {
    const numbers = Array.from({ length: Math.min(size, count - first + 1) }, (_, index) => first + index)
    yield numbers.map((number) => ({ number, bytes: Buffer.from(build(number)) }))
  }
}
