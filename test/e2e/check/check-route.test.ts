import { describe, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { client, evi, useClientPerTest, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({ management: true })

useEvi()
useClientPerTest()

interface Step {
  readonly step: string
  readonly status: string
  readonly reason: string | null
}

describe('a route seen by the management API', () => {
  const management = () => String(own.broker.managementUrl)
  const checkRoute = async (socket: string, url: string) => {
    const { code, stdout } = await evi.run(['check', '--socket', socket, '--management', url, '--json'])
    expect(stdout).not.toContain('s3cret')
    const [{ steps }] = JSON.parse(stdout).checks as [{ steps: Step[] }]
    return { code, step: steps.find(({ step }) => step === 'route') }
  }

  test('names the queues, their consumers and the way to them', async () => {
    const [first, second] = [await own.client.exchange('topic'), await own.client.exchange('fanout')]
    const [consumed, idle] = [await own.client.queue(), await own.client.queue()]
    await own.client.channel.bindQueue(consumed, first, 'sip.#')
    await own.client.channel.bindExchange(second, first, 'sip.*')
    await own.client.channel.bindQueue(idle, second, '')
    const socket = `${own.address}/${first}?sip.pike`
    expect(await checkRoute(socket, management())).toMatchObject({
      code: 0,
      step: { status: 'warning', reason: expect.stringContaining('No consumer takes') },
    })
    await own.client.channel.consume(consumed, () => {})
    const { code, step } = await checkRoute(socket, management())
    expect({ code, step }).toMatchObject({
      code: 0,
      step: {
        status: 'passed',
        type: 'topic',
        queues: [
          { name: consumed, path: [{ exchange: first, bindingKey: 'sip.#' }], consumers: 1 },
          { name: idle, path: [{ exchange: first }, { exchange: second, bindingKey: '' }], consumers: 0 },
        ],
      },
    })
  })

  test('names the bindings there are where none fits', async () => {
    const exchange = await own.client.exchange('direct')
    const queue = await own.client.queue()
    await own.client.channel.bindQueue(queue, exchange, 'pike')
    const { code, step } = await checkRoute(`${own.address}/${exchange}?pkie`, management())
    expect(code).toBe(5)
    expect(step?.reason).toContain(`It has "pike" to queue ${queue}.`)
  })

  test('is not to be had where the API refuses the user, which is its own outcome', async () => {
    await addUser(own.broker, 'dave', 's3cret')
    const socket = `rabbitmq:dave:s3cret@${own.broker.host}:${own.broker.port}/amq.topic?k`
    expect(await checkRoute(socket, management())).toMatchObject({
      code: 0,
      step: {
        status: 'hidden',
        hint: expect.stringMatching(
          /^Let it look, on the broker of \S+: rabbitmqctl set_user_tags dave management$/,
        ),
      },
    })
    const asGuest = management().replace('//', '//guest:guest@')
    expect(await checkRoute(socket, asGuest)).toMatchObject({ code: 5, step: { status: 'failed' } })
  })

  test('needs an API to ask', async () => {
    const closed = await checkRoute(`${own.address}/amq.topic?k`, `http://127.0.0.1:${await closedPort()}`)
    const refused = { status: 'unknown', reason: expect.stringContaining('ECONNREFUSED') }
    expect(closed).toMatchObject({ code: 0, step: refused })
    const strange = await checkRoute(`${own.address}/amq.topic?k`, `http://127.0.0.1:${own.broker.port}`)
    expect(strange).toMatchObject({ code: 0, step: { status: 'unknown' } })
    const usage = await evi.run([
      'check',
      '--socket',
      `${own.address}/x?k`,
      '--management',
      'guest:s3cret@host',
    ])
    expect(usage).toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringContaining('http://HOST:15672'),
    })
    expect(usage.stderr).not.toContain('s3cret')
  })
})

describe('a management API of another cluster', () => {
  test.each([
    ['route', async () => 'amq.topic?k'],
    ['takes', async () => await client.queue()],
  ])('says nothing of this one, and the step %s says so', async (name, place) => {
    const socket = `${brokerAddress}/${await place()}`
    const url = String(own.broker.managementUrl)
    const { stdout } = await evi.run(['check', '--socket', socket, '--management', url, '--json'])
    const [{ ok, steps }] = JSON.parse(stdout).checks as [{ ok: boolean; steps: Step[] }]
    expect(ok).toBe(true)
    expect(steps.find(({ step }) => step === name)).toMatchObject({
      status: 'unknown',
      reason: expect.stringMatching(/speaks for this broker's cluster, evi-sandbox-\d+@/),
      hint: expect.stringContaining('--management http://HOST:15672'),
    })
  })
})
