import { setTimeout as sleep } from 'node:timers/promises'
import { type ClusterNode, startCluster } from '../../test/helpers/brokers/cluster.ts'
import { leaderOf, makeQueue } from '../queue.ts'
import type { Scenario } from '../scenario.ts'
import { run } from '../stream/course.ts'

/** Milliseconds that the others have to go on without those that are gone. */
const absence = [1000, 8000] as const

export const leader: Scenario = {
  name: 'leader',
  promise:
    'Of a cluster of three nodes, that which leads a quorum queue is killed (`kill -9`) again and again, one time in ' +
    'three together with another one, so that for a while no node can lead. They come back after some seconds. evi has ' +
    'the three hosts in one socket. Every event arrives, and evi ends with 0.',
  run: async (rig) => {
    const { nodes, mend, stop } = await startCluster()
    try {
      const queue = await makeQueue(nodes[0], 'quorum')
      const hosts = nodes.map(({ address }) => address).join()
      let next: ClusterNode = await leaderOf(queue, nodes, nodes[0])
      return await run({
        rig,
        queue,
        socket: `rabbitmq:${hosts}/persistent?${queue}`,
        // By evi it is mostly the first that answers.
        consumerPort: () => nodes[2].port,
        events: rig.quick ? 50_000 : 200_000,
        faults: rig.quick ? 3 : 6,
        strike: async (index) => {
          const others = nodes.filter((node) => node !== next)
          const alone = index % 3 < 2
          const victims = alone ? [next] : [next, rig.random.oneOf(others)]
          await Promise.all(victims.map((node) => node.kill()))
          await sleep(rig.random.between(...absence))
          await mend()
          next = await leaderOf(queue, nodes, rig.random.oneOf(nodes))
        },
      })
    } finally {
      await stop()
    }
  },
}
