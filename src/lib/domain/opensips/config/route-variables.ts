import { baseOf, canonicalName } from '#lib/domain/opensips/config/syntax/variables.ts'
import type { Values } from './values.ts'

/** What is known of variables while routes are followed; those that the user defines never change. */
export class RouteVariables {
  readonly #defined: Values
  #values: Map<string, string | number>

  constructor(defined: Values) {
    this.#defined = defined
    this.#values = new Map(defined)
  }

  get values(): Values {
    return this.#values
  }

  isDefined(name: string): boolean {
    return this.#defined.has(name)
  }

  /** @param written as it stands in the file; a value that is undefined is not known */
  assign(written: string, value: string | number | undefined): void {
    const variable = baseOf(written)
    if (this.isDefined(variable)) return
    // Of several values by an index it is not known which one is read.
    if (value === undefined || canonicalName(written) !== variable) this.#values.delete(variable)
    else this.#values.set(variable, value)
  }

  /** Only what the user defines is known. */
  forgetAll(): void {
    this.#values = new Map(this.#defined)
  }

  /** Runs alternatives, each from what is known now. Afterwards nothing is known of what any of them may have changed. */
  afterAnyOf<T>(alternatives: readonly T[], run: (alternative: T) => void): void {
    const before = this.#values
    const changed = new Set<string>()
    for (const one of alternatives) {
      this.#values = new Map(before)
      run(one)
      for (const name of before.keys()) if (this.#values.get(name) !== before.get(name)) changed.add(name)
    }
    this.#values = before
    for (const name of changed) this.#values.delete(name)
  }
}
