import { join } from 'node:path'
import { evi } from './fixtures.ts'

interface Listed {
  readonly subscriptions: readonly { readonly event: string; readonly routingKey: string }[]
}

/** A file of the store. */
export const path = (name: string) => join(evi.configDirectory, name)

/** The routing keys of what is subscribed. */
export const keys = async () =>
  (await evi.json<Listed>('list')).subscriptions.map(({ routingKey }) => routingKey)

/** The command that subscribes a queue of that name. */
export const subscribed = (key: string) => ['subscribe', 'E_X', `rabbitmq:user:secret@h/${key}`]
