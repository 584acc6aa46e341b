import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()

const own = ownBroker({ management: true })

/** The dead-letter exchange, the queue that names it, and one for the dead letters. */
let dead: string
let queue: string
let sink: string
beforeEach(async () => {
  dead = `dead-${randomUUID()}`
  queue = `q-${randomUUID()}`
  sink = await own.client.queue()
})
// The binding goes with it.
afterEach(async () => void (await own.client.channel.deleteQueue(queue)))

/** What a case makes around the queue. @returns the arguments of the queue beside the dead-letter exchange */
type Scene = () => Promise<Record<string, unknown>>

const exchange = async (type: string, options = {}) =>
  await own.client.channel.assertExchange(dead, type, { durable: false, ...options })
const bind = async (key: string, args = {}) => await own.client.channel.bindQueue(sink, dead, key, args)

/** A queue that gets events by the default exchange and by amq.direct with the key `k`. */
async function declareQueue(args: Record<string, unknown>): Promise<void> {
  const { channel } = own.client
  const isQuorum = args['x-queue-type'] === 'quorum'
  const all = { 'x-dead-letter-exchange': dead, ...args }
  await channel.assertQueue(queue, { durable: isQuorum, arguments: all })
  await channel.bindQueue(queue, 'amq.direct', 'k')
}

/** What a command says with the management API of a socket's queue. */
async function said(command: string, place: string): Promise<string> {
  await evi.run(['subscribe', 'E_DEAD', `${own.address}/${place}`])
  const { code, stdout } = await evi.run([
    command,
    'E_DEAD',
    '--management',
    String(own.broker.managementUrl),
  ])
  await evi.run(['unsubscribe', 'E_DEAD', '--all'])
  expect(code).toBe(0)
  return stdout
}

/** Has a consumer reject a message that came by the key `k`. */
async function reject(): Promise<void> {
  const { channel } = own.client
  channel.publish('amq.direct', 'k', Buffer.from('x'))
  for (;;) {
    const message = await channel.get(queue)
    if (message) return channel.nack(message, false, false)
  }
}

const messages = async (name: string) => (await own.client.channel.checkQueue(name)).messageCount

describe('check and map with the management API warn of a queue whose dead letters no queue gets', () => {
  test.for<[string, Scene, RegExp]>([
    [
      'an exchange without bindings',
      async () => {
        await exchange('fanout')
        return {}
      },
      /which has no binding/,
    ],
    [
      'a headers exchange without bindings',
      async () => {
        await exchange('headers')
        return {}
      },
      /which has no binding/,
    ],
    [
      'no binding for the dead-letter routing key',
      async () => {
        await exchange('topic')
        await bind('k')
        return { 'x-dead-letter-routing-key': 'gone.k' }
      },
      /which has no queue for the routing key "gone\.k": what it drops and what its consumers reject is lost/,
    ],
    [
      'an exchange that leads to another without bindings',
      async () => {
        await exchange('direct')
        await own.client.channel.bindExchange(await own.client.exchange('fanout'), dead, 'gone')
        return { 'x-dead-letter-routing-key': 'gone' }
      },
      /which has no queue for the routing key "gone"/,
    ],
    [
      'the default exchange without such a queue',
      async () => ({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'gone' }),
      /to the default exchange, where no queue is called "gone"/,
    ],
  ])('%s', async ([, scene, reason]) => {
    await declareQueue(await scene())
    for (const place of [queue, 'amq.direct?k'])
      for (const command of ['check', 'map']) expect(await said(command, place)).toMatch(reason)
    await reject()
    expect(await messages(sink)).toBe(0)
  })

  test("the event's own routing key, where the queue names no other", async () => {
    await exchange('direct')
    await bind(queue)
    await declareQueue({})
    expect(await said('check', 'amq.direct?k')).toMatch(
      /which has no queue for the routing key "k": what it drops and what its consumers reject of that key is lost/,
    )
    expect(await said('check', queue)).not.toContain('is lost')
    await reject()
    expect(await messages(sink)).toBe(0)
  })
})

describe('check with the management API warns of no loss', () => {
  test.for<[string, Scene]>([
    [
      'where a queue gets the key',
      async () => {
        await exchange('topic')
        await bind('#')
        return {}
      },
    ],
    [
      'where a queue has the name on the default exchange',
      async () => ({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': sink }),
    ],
    [
      'where headers decide',
      async () => {
        await exchange('headers')
        await bind('', { 'x-match': 'any-with-x', 'x-first-death-queue': queue })
        return {}
      },
    ],
    [
      'where an alternate exchange leads to a queue',
      async () => {
        const alternate = await own.client.exchange('fanout')
        await own.client.channel.bindQueue(sink, alternate, '')
        await exchange('direct', { alternateExchange: alternate })
        return {}
      },
    ],
  ])('%s', async ([, scene]) => {
    await declareQueue(await scene())
    for (const place of [queue, 'amq.direct?k']) expect(await said('check', place)).not.toContain('is lost')
    await reject()
    await expect.poll(() => messages(sink)).toBe(1)
  })

  test('where a quorum queue keeps its dead letters until they have a queue', async () => {
    await exchange('fanout')
    const args = {
      'x-queue-type': 'quorum',
      'x-overflow': 'reject-publish',
      'x-dead-letter-strategy': 'at-least-once',
    }
    await declareQueue(args)
    // Until RabbitMQ tries again, minutes go by.
    expect(await said('check', queue)).not.toContain('is lost')
  })
})
