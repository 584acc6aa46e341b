import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { proxyThatCountsClosedChannels } from '../../helpers/brokers/servers.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()
useClient()

/** What a user does who may have one channel; RabbitMQ counts one that was closed for a while. */
test.for<[what: string, queueIs: 'stood in for' | 'there' | 'made', words: readonly string[]]>([
  ['tail stands in for a queue', 'stood in for', ['tail', '--timeout', '100ms', '--socket']],
  ['tail --peek looks into a queue', 'there', ['tail', '--peek', '--socket']],
  ['declare makes a queue', 'made', ['declare', '--yes']],
])('%s though the user may have one channel, which was closed just before', async ([, queueIs, words]) => {
  const queue = `narrow-${randomUUID()}`
  if (queueIs === 'there') await client.queue(queue)
  const way = await proxyThatCountsClosedChannels()
  try {
    const { code, stderr } = await evi.run([...words, `rabbitmq:127.0.0.1:${way.port}/${queue}`])
    expect(stderr).not.toMatch(/Warning|evi: /)
    expect(code).toBe(0)
  } finally {
    await way.close()
    // A busy broker may not have let go of the queue that stood in.
    if (queueIs !== 'stood in for') await client.channel.deleteQueue(queue)
  }
})
