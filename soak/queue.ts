import { connect } from 'amqplib'
import { loopback } from '../src/lib/sandbox/layout.ts'
import type { ClusterNode } from '../test/helpers/cluster.ts'

/** Declares a durable queue there, of the broker's default type unless given. */
export async function makeQueue(
  { port }: ClusterNode,
  type: 'classic' | 'quorum' = 'classic',
): Promise<string> {
  const model = await connect({ hostname: loopback, port })
  const channel = await model.createChannel()
  const { queue } = await channel.assertQueue('soak', {
    durable: true,
    arguments: { 'x-queue-type': type },
  })
  await model.close()
  return queue
}
