import type { Caution } from '#lib/services/tail/examine-exchange.ts'
import { many } from '#lib/views/alike.ts'
import { warningOf, warningOfOthers } from './remarks.ts'

/** Says the first caution of a kind at once, and each only once; what is so for many other exchanges as one line. */
export class CautionLines {
  readonly #say: (line: string) => void
  readonly #said = new Set<string>()
  readonly #kinds = new Set<Caution['kind']>()
  #held: { readonly caution: Caution; readonly line: string }[] = []

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  show(caution: Caution): void {
    const line = warningOf(caution)
    if (this.#said.has(line)) return
    this.#said.add(line)
    if (this.#kinds.has(caution.kind)) this.#held.push({ caution, line })
    else this.#say(line)
    this.#kinds.add(caution.kind)
  }

  /** Says what was held back; to be called when no more are about to come. */
  flush(): void {
    const kinds = Map.groupBy(this.#held.splice(0), ({ caution }) => caution.kind)
    for (const alike of kinds.values()) {
      const others = alike.flatMap(({ caution }) => ('exchange' in caution ? [caution] : []))
      if (others.length < many) for (const { line } of alike) this.#say(line)
      else this.#say(warningOfOthers(others))
    }
  }
}
