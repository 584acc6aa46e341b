import { count } from '#lib/text/numbers/thousands.ts'

/** Milliseconds without another one after which those that were held back are shown, and how long they are at most. */
const pauses = { quiet: 250, longest: 2000 }
/** Milliseconds in which the failures of a row are shown once, twice as long each time; and without one, which ends the row. */
const rows = { shortest: 5000, longest: 60_000, end: 30_000 }

/** Other numbers are of hosts, of which each is to be named. */
const durations = /\d+(?:\.\d+)?(?= m?s\b)/g

export interface FailedAttempt {
  /** One line, without its end. */
  readonly remark: string
  /** The same in short, for those who have read it. */
  readonly again: string
  /** When the next attempt is made: a sentence behind a blank, or nothing. */
  readonly next: string
}

/** Whether the next attempt that was announced is still to come. */
type State = 'goes on' | 'over'

/** Remarks that differ in durations at most, after the last one that was shown. */
interface Kind {
  times: number
  /** The last one. */
  remark: string | FailedAttempt
  /** When the last one came. */
  at: number
}

/** Those of one moment. */
interface Burst extends Kind {
  readonly since: number
}

/** Failures that go on, from one moment to the next. */
interface Row extends Kind {
  shownAt: number
  pause: number
}

/**
 * Says the first of the remarks that hundreds of connections cause in one moment, and the first failure of those that come
 * one after the other, and then how many more there were.
 */
export class AlikeRemarks {
  readonly #say: (text: string) => void
  readonly #bursts = new Map<string, Burst>()
  readonly #rows = new Map<string, Row>()
  #timer: NodeJS.Timeout | undefined

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  /** @param remark one line, without its end */
  show(remark: string): void {
    this.#endRows()
    this.#show(remark, remark)
  }

  /** Shows why an attempt failed, once where the next ones fail alike, with none of `show` in between. */
  showFailure(attempt: FailedAttempt): void {
    this.#show(attempt.remark, attempt)
  }

  /** Says what was held back before something else is said; attempts that go on failing alike are still not shown again. */
  catchUp(): void {
    for (const held of [...this.#bursts.values(), ...this.#rows.values()]) {
      this.#sayMore(held, 'over')
      held.times = 0
    }
  }

  /** Says what was held back, and that is all of it. */
  flush(): void {
    this.#endBursts('over')
    this.#endRows()
  }

  #show(sentence: string, remark: string | FailedAttempt): void {
    const key = sentence.replaceAll(durations, '')
    const burst = this.#bursts.get(key)
    const now = performance.now()
    if (burst) Object.assign(burst, { times: burst.times + 1, remark, at: now })
    else if (this.#isInRow(key, remark, now)) return
    else {
      this.#say(`${sentence}${typeof remark === 'string' ? '' : remark.next}\n`)
      this.#bursts.set(key, { since: now, times: 0, remark, at: now })
    }
    clearTimeout(this.#timer)
    if (burst && now - burst.since > pauses.longest) this.#endBursts('goes on')
    else this.#timer = setTimeout(() => this.#endBursts('goes on'), pauses.quiet).unref()
  }

  #endRows(): void {
    for (const row of this.#rows.values()) this.#sayMore(row, 'over')
    this.#rows.clear()
  }

  /** Whether it was held back, or shown with a count. */
  #isInRow(key: string, remark: Kind['remark'], now: number): boolean {
    const row = this.#rows.get(key)
    if (!row) return false
    if (now - row.at > rows.end) {
      this.#sayMore(row, 'over')
      this.#rows.delete(key)
      return false
    }
    Object.assign(row, { times: row.times + 1, remark, at: now })
    if (now - row.shownAt < row.pause) return true
    this.#sayMore(row, 'goes on')
    row.times = 0
    row.shownAt = now
    row.pause = Math.min(row.pause * 2, rows.longest)
    return true
  }

  #endBursts(state: State): void {
    clearTimeout(this.#timer)
    for (const [key, burst] of this.#bursts) {
      this.#sayMore(burst, state)
      const { remark, at } = burst
      if (typeof remark !== 'string')
        this.#rows.set(key, { times: 0, remark, at, shownAt: at, pause: rows.shortest })
    }
    this.#bursts.clear()
  }

  #sayMore({ times, remark }: Kind, state: State): void {
    if (times === 0) return
    const more = times === 1 ? 'once more' : `${count(times)} times more`
    if (typeof remark === 'string') this.#say(`${remark}${times === 1 ? '' : ` (${more})`}\n`)
    else this.#say(`${remark.again}${state === 'over' ? '' : remark.next} (${more})\n`)
  }
}
