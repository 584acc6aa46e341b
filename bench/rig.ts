import type { Sandbox } from '#lib/sandbox/sandbox.ts'
import type { Programs } from './c.ts'
import type { Row } from './row.ts'

/** Lines of the table that are measured together. */
export interface Group {
  /** As in `npm run bench -- NAME`. */
  readonly name: string
  /** How it is measured, for the reader of the table. */
  readonly method: string
  readonly measure: (rig: Rig) => Promise<readonly Row[]>
}

/** What the measuring is done with. */
export interface Rig {
  /** Few rounds, for a look; the numbers in docs/ come from the others. */
  readonly quick: boolean
  /** A RabbitMQ of the benchmarks' own. */
  readonly broker: Sandbox
  /** The package's evi on this Node: the words that start a command line. */
  readonly evi: readonly [string, ...string[]]
  /** The path of evi as a single executable, if it was built. */
  readonly executable: string | undefined
  readonly c: Programs
  /** For files, gone afterwards. */
  readonly directory: string
  /** For evi: what it needs, its own empty EVI_CONFIG_DIR within `directory` included. */
  readonly environment: Readonly<Record<string, string>>
}
