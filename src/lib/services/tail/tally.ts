/** What became of the messages of one socket. */
export interface SocketTally {
  /** Printed. */
  readonly socket: string
  readonly seen: number
  readonly shown: number
  /** Not what --where asks for. */
  readonly skipped: number
  /** Times that its connection was lost. */
  readonly lost: number
  /** Its connection was lost and is not made again yet, or it was never watched. */
  readonly isAway: boolean
  /** It could not be watched yet. */
  readonly isNew?: boolean
  /** It was refused for good before anything was watched, which was said then. */
  readonly isRefused?: boolean
}

const nothing = { seen: 0, shown: 0, skipped: 0, lost: 0, isAway: false }

/** Counts the messages and the lost connections of each socket. */
export class Tally {
  readonly #sockets = new Map<string, { -readonly [Key in keyof SocketTally]: SocketTally[Key] }>()

  #losses = 0

  /** @param sockets printed, those that are watched from now on */
  add(sockets: readonly string[]): void {
    for (const socket of sockets) this.#sockets.set(socket, { ...nothing, socket })
  }

  count(socket: string, { seen, shown }: { readonly seen: number; readonly shown: number }): void {
    const tally = this.#sockets.get(socket)
    if (!tally) return
    tally.seen += seen
    tally.shown += shown
    tally.skipped += seen - shown
  }

  /** A connection was lost, with the sockets that were watched over it. */
  countLoss(sockets: readonly string[]): void {
    if (sockets.length > 0) this.#losses++
    for (const socket of sockets) {
      const tally = this.#sockets.get(socket)
      if (!tally) continue
      tally.lost++
      tally.isAway = true
    }
  }

  /** These were refused for good before anything was watched. */
  countRefused(sockets: readonly string[]): void {
    for (const socket of sockets)
      this.#sockets.set(socket, { ...nothing, socket, isAway: true, isNew: true, isRefused: true })
  }

  /** These cannot be watched. */
  countAway(sockets: readonly string[]): void {
    for (const socket of sockets) {
      const tally = this.#sockets.get(socket)
      if (tally) tally.isAway = true
      else this.#sockets.set(socket, { ...nothing, socket, isAway: true, isNew: true })
    }
  }

  /** These are watched again. */
  countBack(sockets: readonly string[]): void {
    for (const socket of sockets) {
      const tally = this.#sockets.get(socket)
      if (tally) tally.isAway = false
    }
  }

  /** Connections that were lost, each with all of its sockets. */
  get losses(): number {
    return this.#losses
  }

  /** Those that were watched, and behind them those that were to be; those that were refused only where others are away, too. */
  get sockets(): readonly SocketTally[] {
    const all = [...this.#sockets.values()]
    const others = all.filter(({ isRefused }) => !isRefused)
    const sockets = others.some(({ isAway }) => isAway) ? all : others
    return [...sockets.filter(({ isNew }) => !isNew), ...sockets.filter(({ isNew }) => isNew)]
  }
}
