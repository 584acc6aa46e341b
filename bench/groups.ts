import { fanOut } from './groups/fan-out.ts'
import { latency } from './groups/latency.ts'
import { manySockets } from './groups/many-sockets.ts'
import { memory } from './groups/memory.ts'
import { publish } from './groups/publish.ts'
import { startup } from './groups/startup.ts'
import { store } from './groups/store.ts'
import { tail } from './groups/tail.ts'
import { tools } from './groups/tools.ts'
import type { Group } from './rig.ts'

/** In the order of the table. */
export const groups: readonly Group[] = [
  startup,
  publish,
  fanOut,
  tail,
  manySockets,
  latency,
  memory,
  store,
  tools,
]
