import { startBroker } from '../../test/helpers/brokers/cluster.ts'
import { startBadNetwork } from '../proxy.ts'
import { makeQueue } from '../queue.ts'
import type { Scenario } from '../scenario.ts'
import { run } from '../stream/course.ts'

export const network: Scenario = {
  name: 'network',
  promise:
    'Between evi and the broker is a bad network. It splits and delays what it carries, and again and again it cuts the ' +
    'connection, resets it, or carries nothing any more without a word (`--reply-timeout 2s` has evi notice); some of the ' +
    'connections that follow are cut while they are opened. Every event arrives, and evi ends with 0.',
  run: async (rig) => {
    const { nodes, stop } = await startBroker()
    try {
      const [node] = nodes
      const queue = await makeQueue(node)
      const way = await startBadNetwork(node.port, rig.random)
      try {
        return await run({
          rig,
          queue,
          socket: `rabbitmq:127.0.0.1:${way.port}/persistent?${queue}`,
          argv: ['--reply-timeout', '2000', '--connect-timeout', '5000'],
          consumerPort: () => node.port,
          events: rig.quick ? 50_000 : 300_000,
          faults: rig.quick ? 6 : 40,
          strike: async () => {
            way.doom(rig.random.oneOf([0, 0, 1, 2, 3]))
            way[rig.random.oneOf(['cut', 'reset', 'stall'] as const)]()
          },
        })
      } finally {
        await way.close()
      }
    } finally {
      await stop()
    }
  },
}
