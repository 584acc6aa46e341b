/** When the lines of a stream are due. */
export interface Pace {
  /**
   * Milliseconds until the next line is due, 0 when it is.
   *
   * @param time when it was recorded, in milliseconds since 1970, if it was
   */
  delayOf(time: number | undefined): number
}

/** By how fast it is to go: at a rate, at a multiple of the recorded speed, or as the lines come. */
export function paceOf({ rate, speed }: { rate?: number | undefined; speed?: number | undefined }): Pace {
  if (rate !== undefined) return atRate(rate)
  return speed === undefined ? asItComes : asRecorded(speed)
}

/** Each line as soon as it is there. */
export const asItComes: Pace = { delayOf: () => 0 }

/** Milliseconds that a timer may be late and its lines are caught up. */
const lateness = 50

/** So many lines a second, evenly; what was missed while waiting for something else is not caught up. */
export function atRate(perSecond: number, now = () => performance.now()): Pace {
  const interval = 1000 / perSecond
  let due = now()
  return {
    delayOf: () => {
      const start = now()
      due = Math.max(due, start - lateness)
      const delay = due - start
      due += interval
      // Timers count whole milliseconds; within one, lines go together.
      return delay < 1 ? 0 : delay
    },
  }
}

/** In the rhythm of the recording, so many times as fast; a line without a time goes with the one before it. */
export function asRecorded(speed: number, now = () => performance.now()): Pace {
  let first: { readonly time: number; readonly start: number } | undefined
  return {
    delayOf: (time) => {
      if (time === undefined) return 0
      first ??= { time, start: now() }
      return Math.max(0, first.start + (time - first.time) / speed - now())
    },
  }
}
