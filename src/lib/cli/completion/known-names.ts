import type { Context } from '#lib/cli/context.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import type { KnownNames } from './candidates.ts'

/** The names in the user's store and in the catalogue of events. What cannot be read has none. */
export function knownNames(context: Context): KnownNames {
  const subscriptions = async (event?: string): Promise<readonly Subscription[]> => {
    const live = await orNone(async () => (await context.subscriptions()).live(new Date()))
    return live.filter((one) => event === undefined || one.event === event)
  }
  return {
    storedEvents: async () => {
      const names = new Set((await subscriptions()).map(({ event }) => event))
      return [...names].map((value) => ({ value, about: 'subscribed' }))
    },
    openSipsEvents: async () => {
      const { knownEvents } = await import('#lib/domain/event/catalogue.ts')
      return knownEvents.map(({ name, module, when }) => ({ value: name, about: `${module}: ${when}` }))
    },
    sockets: async (of) =>
      (await subscriptions(of)).map(({ event, socket }) => ({ value: printSocket(socket), about: event })),
    tlsDomains: async () =>
      await orNone(async () => (await context.tlsDomains()).all().map(({ name }) => ({ value: name }))),
    contexts: async () =>
      await orNone(async () => (await context.contexts()).names().map((value) => ({ value }))),
    params: async (event = '') => {
      const { knownEvent } = await import('#lib/domain/event/catalogue.ts')
      const params = knownEvent(event)?.params ?? []
      return params.map(({ name, type, example }) => ({
        value: type === 'integer' ? `${name}:=` : `${name}=`,
        about: `${type}, such as ${example}`,
      }))
    },
  }
}

async function orNone<T>(read: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await read()
  } catch {
    return []
  }
}
