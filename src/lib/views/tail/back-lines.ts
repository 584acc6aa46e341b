import type { Watched } from '#lib/services/tail/tail-request.ts'
import type { Style } from '#lib/terminal/style.ts'
import { many } from '#lib/views/alike.ts'
import { namedBySample } from './alike-sockets.ts'

/** Milliseconds in which more connections may be made again, to be said together. */
const moment = 500

/** Says which sockets are watched again: those of the first connection at once, and then those of all others of that moment. */
export class BackLines {
  readonly #say: (line: string) => void
  readonly #style: Style
  #later: { readonly watched: readonly Watched[]; readonly gapMs: number }[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(say: (line: string) => void, style: Style) {
    this.#say = say
    this.#style = style
  }

  /** @param gapMs milliseconds in which the sockets were not watched */
  show(watched: readonly Watched[], gapMs: number): void {
    if (this.#timer) {
      this.#later.push({ watched, gapMs })
      return
    }
    this.#print(watched, gapMs)
    this.#timer = setTimeout(() => this.flush(), moment).unref()
  }

  /** Says what was held back. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const later = this.#later.splice(0)
    if (later.length === 0) return
    this.#print(
      later.flatMap(({ watched }) => watched),
      Math.max(...later.map(({ gapMs }) => gapMs)),
    )
  }

  #print(watched: readonly Watched[], gapMs: number): void {
    // Of a gap that is short events may have been missed, too.
    const seconds = Math.max(gapMs, 100) / 1000
    const gap = `events of the last ${seconds.toFixed(1)} s may have been missed`
    const modes = [
      [watched.filter(({ resumed }) => !resumed), gap],
      [watched.filter(({ resumed }) => resumed), 'nothing was missed'],
    ] as const
    for (const [some, mode] of modes) {
      if (some.length === 0) continue
      const sockets = named(some.map(({ socket }) => socket))
      this.#say(`${this.#style.marks.ok} Watching ${sockets} again; ${mode}.`)
    }
  }
}

/** The names of a few, the number of many with the first of them. */
function named(sockets: readonly string[]): string {
  return sockets.length < many ? sockets.join(', ') : namedBySample(sockets as [string, ...string[]])
}
