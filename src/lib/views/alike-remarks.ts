import { count } from '#lib/text/numbers/thousands.ts'

/** Milliseconds without another one after which those that were held back are shown, and how long they are at most. */
const pauses = { quiet: 250, longest: 2000 }

/** Other numbers are of hosts, of which each is to be named. */
const durations = /\d+(?:\.\d+)?(?= m?s\b)/g

/** Remarks that differ in durations at most, after the first of them. */
interface Kind {
  readonly since: number
  times: number
  last: string
}

/** Says the first of the remarks that hundreds of connections cause in one moment, and then how many more there were. */
export class AlikeRemarks {
  readonly #say: (text: string) => void
  readonly #kinds = new Map<string, Kind>()
  #timer: NodeJS.Timeout | undefined

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  /** @param remark one line, without its end */
  show(remark: string): void {
    const key = remark.replaceAll(durations, '')
    const kind = this.#kinds.get(key)
    if (kind) {
      kind.times++
      kind.last = remark
    } else {
      this.#say(`${remark}\n`)
      this.#kinds.set(key, { since: performance.now(), times: 0, last: remark })
    }
    clearTimeout(this.#timer)
    if (kind && performance.now() - kind.since > pauses.longest) this.flush()
    else this.#timer = setTimeout(() => this.flush(), pauses.quiet).unref()
  }

  /** Says what was held back. */
  flush(): void {
    clearTimeout(this.#timer)
    for (const { times, last } of this.#kinds.values()) {
      if (times === 1) this.#say(`${last}\n`)
      else if (times > 1) this.#say(`${last} (${count(times)} times more)\n`)
    }
    this.#kinds.clear()
  }
}
