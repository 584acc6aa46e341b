import type { Scenario } from './scenario.ts'
import { connections } from './scenarios/connections.ts'
import { kill } from './scenarios/kill.ts'
import { leader } from './scenarios/leader.ts'
import { network } from './scenarios/network.ts'
import { stop } from './scenarios/stop.ts'
import { writers } from './scenarios/writers.ts'

/** In the order of the table. */
export const scenarios: readonly Scenario[] = [kill, connections, leader, network, stop, writers]
