import { startBroker } from '../../test/helpers/brokers/cluster.ts'
import { makeQueue } from '../queue.ts'
import type { Scenario } from '../scenario.ts'
import { run } from '../stream/course.ts'

export const kill: Scenario = {
  name: 'kill',
  promise:
    'The broker is killed (`kill -9`) and started again, again and again, while persistent events stream into a durable ' +
    'queue. Every event arrives, and evi ends with 0.',
  run: async (rig) => {
    const { nodes, stop } = await startBroker()
    try {
      const [node] = nodes
      const queue = await makeQueue(node)
      return await run({
        rig,
        queue,
        socket: `rabbitmq:${node.address}/persistent?${queue}`,
        consumerPort: () => node.port,
        events: rig.quick ? 50_000 : 1_000_000,
        faults: rig.quick ? 3 : 20,
        strike: async () => {
          await node.kill()
          await node.start()
        },
      })
    } finally {
      await stop()
    }
  },
}
