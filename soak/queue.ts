import { connect } from 'amqplib'
import { loopback } from '#lib/sandbox/node-files.ts'
import type { ClusterNode } from '../test/helpers/brokers/cluster.ts'

/** Declares a durable queue there, by default of the broker's default type. */
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

/** The node that leads the quorum queue, as one of the nodes has it; that one itself while there is no leader. */
export async function leaderOf(
  queue: string,
  nodes: readonly ClusterNode[],
  asked: ClusterNode,
): Promise<ClusterNode> {
  const rows = await asked.rabbitmqctl('list_queues', '--silent', 'name', 'leader')
  const name = rows
    .split('\n')
    .map((row) => row.split('\t'))
    .find(([first]) => first === queue)?.[1]
  return nodes.find((node) => node.name === name) ?? asked
}
