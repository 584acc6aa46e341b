import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { timeOf } from '../scripts/program.ts'
import { event } from './notifications.ts'
import type { Rig } from './rig.ts'

/**
 * The environment of an evi whose event has subscribers on the broker.
 *
 * @param name of the store, within the rig's directory
 * @param routes of the sockets: what stands behind the host
 */
export async function storeWith(
  { evi, broker, directory, environment }: Rig,
  name: string,
  routes: readonly string[],
): Promise<Rig['environment']> {
  const own = join(directory, name)
  mkdirSync(own)
  const input = join(own, 'subscriptions')
  const address = `rabbitmq:guest:guest@${broker.host}:${broker.port}`
  await writeFile(input, routes.map((route) => `${event} ${address}/${route}\n`).join(''))
  const itsOwn = { ...environment, EVI_CONFIG_DIR: own }
  await timeOf([...evi, 'subscribe', '--batch', input], { environment: itsOwn })
  return itsOwn
}
