import { fanOut } from './fan-out.ts'
import { latency } from './latency.ts'
import { manySockets } from './many-sockets.ts'
import { memory } from './memory.ts'
import { publish } from './publish.ts'
import type { Group } from './rig.ts'
import { startup } from './startup.ts'
import { store } from './store.ts'
import { tail } from './tail.ts'
import { tools } from './tools.ts'

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
