import { matchesTopic } from './topic-pattern.ts'

/** The exchange types by whose rule evi finds which of a queue's bindings brought a message. */
export type MatchedType = 'direct' | 'topic' | 'fanout' | 'headers'

/** Whether it is known what an exchange of this type makes of a routing key; plugins bring others. */
export function isMatchedType(type: string | undefined): type is MatchedType {
  return type === 'direct' || type === 'topic' || type === 'fanout' || type === 'headers'
}

/** Whether every binding without arguments gets every message of such an exchange, whatever the keys. */
export function takesAll(type: MatchedType): boolean {
  return type === 'fanout' || type === 'headers'
}

/** Routing keys whose targets are remembered; they may be as many as there are calls. */
const mostRemembered = 10_000

/**
 * Finds the bindings of a queue, none with arguments, that a message belongs to, by the rule of their exchange's type. A key is
 * compared with the patterns that begin with its first words only.
 */
export class BindingMatcher<T> {
  readonly #type: MatchedType
  readonly #all: readonly T[]
  /** By the key, or by the words of a topic's pattern before its first `*` or `#`. */
  readonly #entries = new Map<string, { readonly key: string; readonly target: T }[]>()
  readonly #remembered = new Map<string, readonly T[]>()

  constructor(type: MatchedType, bindings: readonly { readonly key: string; readonly target: T }[]) {
    this.#type = type
    this.#all = bindings.map(({ target }) => target)
    for (const binding of bindings) {
      const beginning = type === 'topic' ? literalBeginning(binding.key) : binding.key
      const entries = this.#entries.get(beginning)
      if (entries) entries.push(binding)
      else this.#entries.set(beginning, [binding])
    }
  }

  /**
   * The targets of the bindings that take a message by any of its routing keys, each once and in the bindings' order.
   *
   * @param others routing keys beside the one that the message bears
   */
  targetsOf(routingKey: string, others: readonly string[] = []): readonly T[] {
    if (takesAll(this.#type)) return this.#all
    if (others.length === 0) return this.#targetsBy(routingKey)
    const targets = new Set([routingKey, ...others].flatMap((one) => this.#targetsBy(one)))
    return this.#all.filter((target) => targets.has(target))
  }

  #targetsBy(key: string): readonly T[] {
    const known = this.#remembered.get(key)
    if (known) return known
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear()
    const found = this.#find(key)
    this.#remembered.set(key, found)
    return found
  }

  #find(key: string): readonly T[] {
    if (this.#type === 'direct') return (this.#entries.get(key) ?? []).map(({ target }) => target)
    const targets = beginnings(key).flatMap((beginning) =>
      (this.#entries.get(beginning) ?? [])
        .filter((entry) => matchesTopic(entry.key, key))
        .map(({ target }) => target),
    )
    if (targets.length < 2) return targets
    const set = new Set(targets)
    return this.#all.filter((target) => set.has(target))
  }
}

/** The words before the first that stands for others, each behind a dot, so that none is the beginning of another. */
function literalBeginning(pattern: string): string {
  const words = wordsOf(pattern)
  const wild = words.findIndex((word) => word === '*' || word === '#')
  return joined(wild < 0 ? words : words.slice(0, wild))
}

/** None of a key's words, the first, the first two, and so on to all of them. */
function beginnings(key: string): readonly string[] {
  const words = wordsOf(key)
  return [...words.map((_, count) => joined(words.slice(0, count))), joined(words)]
}

function wordsOf(key: string): readonly string[] {
  return key === '' ? [] : key.split('.')
}

function joined(words: readonly string[]): string {
  return words.map((word) => `.${word}`).join('')
}
