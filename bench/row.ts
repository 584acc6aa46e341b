/** A line of the table: something of evi, measured in turn with what it is compared with. */
export interface Row {
  /** The command, and what it had to do. */
  readonly what: string
  /** What it is compared with. */
  readonly against: string
  /** The bound of the ratio; null where the comparison has no target. */
  readonly target: Target | null
  readonly unit: Unit
  /** By round; empty where it is `missing`. */
  readonly measured: readonly number[]
  /** Of what it is compared with, by round: `measured[n] / reference[n]` is the ratio of round n. */
  readonly reference: readonly number[]
  /** Why it could not be measured, in a sentence. */
  readonly missing?: string
}

export type Target = { readonly atMost: number } | { readonly atLeast: number }

type Unit = 'ms' | 'µs' | '/s' | 'MB'

/** What a row is compared with, measured in turn with itself: how much a ratio wanders. */
export function onceMore(row: Row, what: string, measured: readonly number[]): Row {
  return { ...row, what: `${what} once more, to see how much a ratio wanders`, target: null, measured }
}

/** What the rounds say together. */
export interface Ratio {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

/** The median of the ratios of each round, never the quotient of two medians; undefined for a row that is missing. */
export function ratioOf({ measured, reference }: Row): Ratio | undefined {
  if (measured.length === 0) return undefined
  const ratios = measured.map((value, round) => value / (reference[round] ?? Number.NaN))
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) }
}

/** Undefined where there is no target or nothing was measured. */
export function isMet(row: Row): boolean | undefined {
  const ratio = ratioOf(row)
  if (!ratio || !row.target) return undefined
  return 'atMost' in row.target ? ratio.median <= row.target.atMost : ratio.median >= row.target.atLeast
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}
