import type { Random } from './random.ts'

/** A promise of evi's, kept up under faults: one file each in scenarios/. */
export interface Scenario {
  /** As in `npm run soak -- NAME`. */
  readonly name: string
  /** What must hold whatever happens, and what happens, for the reader of the report. */
  readonly promise: string
  /** @throws Error when the scenario itself cannot be carried through */
  readonly run: (rig: Rig) => Promise<Outcome>
}

/** What a scenario works with. What it starts it stops, even when it fails. */
export interface Rig {
  /** Few events and faults, for a look; the numbers in docs/ come from the others. */
  readonly quick: boolean
  /** The scenario's own: the same from the same seed, whatever other scenarios run. */
  readonly random: Random
  /** The package's evi on this Node: the argv that start a command line. */
  readonly evi: readonly [string, ...string[]]
  /** For files, the scenario's own and gone afterwards. */
  readonly directory: string
  /** For evi: what it needs, its own empty EVI_CONFIG_DIR within `directory` included. */
  readonly environment: Readonly<Record<string, string>>
  /** Shows how far it is, where stderr is a terminal. */
  readonly progress: (text: string) => void
}

export interface Outcome {
  /** Events (or changes of the store) that were made, and each of which has to be somewhere. */
  readonly events: number
  /** Faults that were caused. */
  readonly faults: number
  /** Those that are nowhere: neither where they belong nor reported as failed. */
  readonly lost: number
  /** Arrivals beyond the first of each; at least once allows them. */
  readonly duplicated: number
  /** What else broke the promise, a sentence each. */
  readonly complaints: readonly string[]
  /** What is worth knowing beside the numbers, such as the memory it took. */
  readonly notes: readonly string[]
}
