import { type Channel, connect } from 'amqplib'
import { timeOf } from '../scripts/program.ts'
import { event } from './notifications.ts'
import type { Rig } from './rig.ts'

/** The queue that the programs publish to, and a look at it from outside. */
export interface BenchQueue extends AsyncDisposable {
  readonly name: string
  readonly channel: Channel
  /** The broker answers only after it handled all that the queue got before. */
  empty(): Promise<void>
}

/**
 * Makes a classic transient queue, and evi subscribe the event to it; it keeps the last 1000 messages, so that it costs
 * the same all the time.
 */
export async function openQueue({ broker, evi, environment }: Rig): Promise<BenchQueue> {
  const { host, port } = broker
  const model = await connect({ hostname: host, port }, { noDelay: true })
  const channel = await model.createChannel()
  const name = 'bench'
  await channel.assertQueue(name, { durable: false, arguments: { 'x-max-length': 1000 } })
  await timeOf([...evi, 'subscribe', event, `rabbitmq:guest:guest@${host}:${port}/${name}`], { environment })
  return {
    name,
    channel,
    empty: async () => {
      await channel.purgeQueue(name)
    },
    async [Symbol.asyncDispose]() {
      await channel.deleteQueue(name)
      await model.close()
    },
  }
}
