import { afterEach, describe, expect, test } from 'vitest'
import { readMiUrl } from '#lib/domain/opensips/mi-url.ts'
import { EviError } from '#lib/errors.ts'
import { openMi } from '#lib/opensips/mi-client.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'
import { type Exchange, recorded, transportOf } from '../../helpers/opensips/recorded.ts'
import { type Replay, replay } from '../../helpers/opensips/replay.ts'

const timing = { connectTimeout: 60_000, replyTimeout: 60_000 }
/** For what never answers; the version is asked for first, and is answered. */
const short = { connectTimeout: 60_000, replyTimeout: 2000 }

let replayed: Replay | undefined
afterEach(async () => {
  await replayed?.close()
  replayed = undefined
})

/** Those that the client asks as they were asked, answered on a transport that a test can serve. */
const exchanges = recorded.filter(
  (exchange) =>
    transportOf(exchange) !== 'datagram-unix' &&
    exchange.response.error === undefined &&
    !/sub-missing-socket|newline|auth-right/.test(exchange.id),
)

/** Asks by the client what was recorded. */
async function ask(client: OpenSips, { request: { method, params } }: Exchange): Promise<unknown> {
  const { event = '', socket, params: ownParams } = params ?? {}
  switch (method) {
    case 'version':
      return await client.version()
    case 'which':
      return await client.commands()
    case 'events_list':
      return await client.events()
    case 'subscribers_list':
      if (socket !== undefined) return await client.hasSubscriber(event, socket)
      return event === '' ? await client.allSubscribers() : await client.subscribers(event)
    case 'event_subscribe':
      return await client.subscribe(event, socket ?? '')
    case 'raise_event':
      return await client.raise(event, ownParams)
    default:
      throw new Error(`The client has no ${method}.`)
  }
}

/** What the client makes of a recorded result, by its JSON alone. */
function meaningOf({ request: { method, params }, result }: Exchange): unknown {
  const sockets = (list: { socket: string; expire: number | 'never' }[] = []) =>
    list.map(({ socket, expire }) => ({
      printed: socket.replaceAll(':secret@', ':***@'),
      transport: socket.replace(/:.*/s, ''),
      expire,
    }))
  const { Events, Event, Server } = (result ?? {}) as {
    Events?: { name: string; Subscribers: [] }[]
    Event?: { Subscribers?: [] }
    Server?: string
  }
  switch (method) {
    case 'version':
      return expect.objectContaining({ text: `OpenSIPS ${/\((\S+)/.exec(Server as string)?.[1]}` })
    case 'which':
      return result
    case 'events_list':
      return Events?.map(({ name }) => name)
    case 'subscribers_list':
      if (params?.socket !== undefined) return true
      if (Events)
        return Events.map(({ name, Subscribers }) => ({ event: name, subscribers: sockets(Subscribers) }))
      return sockets(Event?.Subscribers)
    default:
      return undefined
  }
}

describe('the client reads what OpenSIPS answered', () => {
  test.for(exchanges.filter(({ result }) => result !== undefined))('$id', async (exchange) => {
    replayed = await replay(exchange)
    const client = await openMi(readMiUrl(replayed.url, '--opensips'), timing)
    expect(await ask(client, exchange)).toEqual(meaningOf(exchange))
  })

  test.for(exchanges.filter(({ error }) => error !== undefined))('$id', async (exchange) => {
    replayed = await replay(exchange)
    const client = await openMi(readMiUrl(replayed.url, '--opensips'), timing)
    const { method, params } = exchange.request
    const { code, message } = exchange.error as { code: number; message: string }
    const outcome = await ask(client, exchange).catch((error: unknown) => error)
    if (method === 'subscribers_list') {
      expect(code).toBe(404)
      expect(outcome).toBe(params?.socket === undefined ? undefined : false)
    } else if (method === 'raise_event' && code === 480)
      expect(outcome).toMatchObject({ code: 'no-subscriber' })
    else if (method === 'raise_event' && code === 404) expect(outcome).toMatchObject({ code: 'not-found' })
    else {
      expect(outcome).toMatchObject({ code: 'opensips-refused' })
      expect((outcome as EviError).message).toContain(`(${code} ${message}`)
    }
  })

  test.for(exchanges.filter((one) => one.result === undefined && one.error === undefined))(
    '$id',
    async (exchange) => {
      replayed = await replay(exchange)
      const limits = exchange.response.end === 'silence' ? short : timing
      const client = await openMi(readMiUrl(replayed.url, '--opensips'), limits)
      const outcome = await ask(client, exchange).catch((error: unknown) => error)
      expect(outcome).toBeInstanceOf(EviError)
      expect(outcome).toMatchObject({ code: exchange.response.status === 401 ? 'refused' : 'unreachable' })
    },
  )
})
