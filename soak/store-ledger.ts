import type { Change } from './store-changes.ts'

/** What is in the stores for sure, what may be, and what broke the promise. */
export class Ledger {
  /** What is there. */
  readonly present = new Set<string>()
  readonly complaints: string[] = []
  /** Changes that evi said it had made. */
  made = 0
  lost = 0
  /** Changes of killed writers that were made. */
  survived = 0
  #heartbeat = 0
  #heartbeats: { certain: number[]; possible: number[] } = { certain: [], possible: [] }
  #open: Change[] = []

  /** Those of the changes whose things no earlier one of them touches. */
  distinct(changes: readonly Change[]): readonly Change[] {
    const touched = new Set<string>()
    return changes.filter(({ keys }) => {
      const free = keys.every((key) => !touched.has(key))
      for (const key of keys) touched.add(key)
      return free
    })
  }

  /** Notes how a writer ended; null for one that was killed. */
  note(change: Change, code: number | null): void {
    const { keys, adds, heartbeat } = change
    if (code === 0) {
      this.made++
      for (const key of keys) this.present[adds ? 'add' : 'delete'](key)
    }
    if (code === null) this.#open.push(change)
    if (heartbeat === undefined) return
    if (code === 0) this.#heartbeats.certain.push(heartbeat)
    if (code === null) this.#heartbeats.possible.push(heartbeat)
  }

  complain(sentence: string): void {
    this.complaints.push(sentence)
  }

  /** Holds against it what is there after a round. */
  compare({ keys, heartbeat }: { keys: ReadonlySet<string>; heartbeat: number }): void {
    for (const change of this.#open) this.#settle(change, keys)
    for (const key of this.present) {
      if (!keys.has(key)) this.#lose(`${key} is gone.`)
    }
    for (const key of keys) {
      if (!this.present.has(key))
        this.#lose(`${key} is there, though no process added it, or it was taken out.`)
    }
    const { certain, possible } = this.#heartbeats
    const before = certain.length > 0 ? [] : [this.#heartbeat]
    if (![...before, ...certain, ...possible].includes(heartbeat)) this.#lose(`heartbeat is ${heartbeat}.`)
    this.#heartbeat = heartbeat
    this.#heartbeats = { certain: [], possible: [] }
    this.#open = []
  }

  /** A writer that was killed has done all of its work or nothing. */
  #settle({ argv, keys, adds }: Change, there: ReadonlySet<string>): void {
    const done = keys.filter((key) => there.has(key) === adds)
    if (done.length > 0 && done.length < keys.length)
      this.complain(`${argv.join(' ')} was killed, and did ${done.length} of ${keys.length}.`)
    if (keys.length > 0 && done.length === keys.length) this.survived++
    for (const key of done) this.present[adds ? 'add' : 'delete'](key)
  }

  #lose(sentence: string): void {
    this.lost++
    this.complain(sentence)
  }
}
