import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { bodyOf, brokerAddress } from '../brokers/client.ts'
import { client, evi } from './fixtures.ts'

/** A line of a stream. @param params with the comma before them */
export const notification = (event: string, params = '') => `{"jsonrpc":"2.0","method":"${event}"${params}}`
export const numbered = (event: string, count: number) =>
  Array.from({ length: count }, (_, index) => notification(event, `,"params":{"n":${index}}`))
export const lines = (...texts: string[]) => texts.map((text) => `${text}\n`).join('')
/** A queue that is not there. */
export const missing = () => `nowhere-${randomUUID()}`
/** In the configuration directory of the test. */
export const file = (name: string) => join(evi.configDirectory, name)
export const bodies = async (queue: string) => (await client.take(queue)).map(bodyOf)

/** A queue that is subscribed to the event. */
export async function subscribed(event: string): Promise<string> {
  const queue = await client.queue()
  await evi.run(['subscribe', event, `${brokerAddress}/${queue}`])
  return queue
}

/** The documents of `--json`. */
export const documents = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
