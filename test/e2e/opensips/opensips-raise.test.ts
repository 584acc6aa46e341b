import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { brokerAddress, printedAddress } from '../../helpers/brokers/client.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import { opensips, useOpenSips } from '../../helpers/opensips/fixture.ts'

useClient()
useOpenSips()
useEvi()

interface Report {
  readonly payload: string
  readonly attempts: number
  readonly arrived: number
  readonly counted: number
  readonly failed: number
  readonly others: string[]
  readonly results: {
    subscriber: string
    socket: string | null
    status: string
    attempt: number | null
    ms: number | null
    reason: string | null
    hint: string | null
  }[]
}

const pike = ['--param', 'ip=192.168.2.11', '--param', 'hits:=42']
/** evi raises it by the stand-in. */
async function raise(...words: string[]): Promise<{ code: number | null; report: Report }> {
  const url = words.includes('--opensips') ? [] : ['--opensips', opensips.urls.http]
  const ended = await evi.run(['raise', 'E_PIKE_BLOCKED', ...url, ...words, '--json'])
  return { code: ended.code, report: JSON.parse(ended.stdout) as Report }
}

const key = () => `k-${randomUUID()}`
const newForm = (exchange: string, routingKey: string) =>
  `${brokerAddress}/exchange=${exchange}?${routingKey}`

describe('evi raise --opensips', () => {
  test.for(['http', 'fifo', 'udp', 'unix'] as const)(
    'proves by %s that the event arrives',
    async (transport) => {
      const routingKey = key()
      opensips.memory.subscribe('E_PIKE_BLOCKED', newForm('amq.topic', routingKey))
      await evi.run(['subscribe', 'E_OTHER', `${brokerAddress}/amq.direct?another`])
      const { code, report } = await raise(...pike, '--opensips', opensips.urls[transport])
      expect(report).toMatchObject({
        payload: '{"jsonrpc":"2.0","method":"E_PIKE_BLOCKED","params":{"ip":"192.168.2.11","hits":42}}',
        attempts: 1,
        arrived: 1,
        failed: 0,
        results: [
          {
            subscriber: `rabbitmq:guest@127.0.0.1/amq.topic?${routingKey}`,
            socket: `${printedAddress}/amq.topic?${routingKey}`,
            status: 'arrived',
            attempt: 1,
            ms: expect.any(Number),
          },
        ],
      })
      expect(code).toBe(0)
    },
  )

  test('says at the second attempt that the first was lost after a cut', async () => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', newForm('amq.topic', key()))
    opensips.memory.losesNext = 1
    const words = ['raise', 'E_PIKE_BLOCKED', '--opensips', opensips.urls.http, '-s', `${brokerAddress}/x`]
    const { code, stdout } = await evi.run([...words, '--reply-timeout', '1000'])
    expect(stdout).toMatch(/✔ .*arrived at the second attempt/)
    expect(stdout).toMatch(/The first was lost: OpenSIPS loses the next event after its connection was cut/)
    expect(code).toBe(0)
  })

  test('never calls the OK of OpenSIPS a success', async () => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', newForm('amq.topic', key()))
    opensips.memory.losesNext = 2
    const { code, report } = await raise('-s', `${brokerAddress}/x`, '--reply-timeout', '1000')
    expect(report).toMatchObject({ attempts: 2, arrived: 0, results: [{ status: 'lost', attempt: null }] })
    expect(report.results[0]?.hint).toMatch(/evi check E_PIKE_BLOCKED --opensips http:\S+ --management http:/)
    expect(code).toBe(75)
  })

  test('reports an OpenSIPS that is deaf after a publish to a missing exchange', async () => {
    const exchange = `x-${randomUUID()}`
    opensips.memory.subscribe('E_PIKE_BLOCKED', newForm(exchange, 'k'))
    await opensips.memory.goDeaf('E_PIKE_BLOCKED')
    await client.channel.assertExchange(exchange, 'topic', { autoDelete: true })
    const queue = await client.queue()
    await client.channel.bindQueue(queue, exchange, 'k')
    const { code, report } = await raise('-s', `${brokerAddress}/x`, '--reply-timeout', '1500')
    expect(report.results).toMatchObject([{ status: 'lost' }])
    expect(code).toBe(75)
    expect(await client.take(queue)).toEqual([])
  })

  /** OpenSIPS and evi are subscribed with a queue of their own. */
  async function ownQueue(): Promise<string> {
    const queue = await client.queue()
    opensips.memory.subscribe('E_PIKE_BLOCKED', `${brokerAddress}/${queue}`)
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/${queue}`])
    return queue
  }

  test('compares the bytes in a queue that was empty, and leaves them there', async () => {
    const queue = await ownQueue()
    const { code, report } = await raise('--reply-timeout', '60000')
    expect(report).toMatchObject({ attempts: 1, arrived: 1, results: [{ status: 'arrived' }] })
    expect(code).toBe(0)
    const messages = await client.take(queue)
    expect(messages.map(({ content }) => String(content))).toEqual([report.payload])
  })

  test('does not take another message in the queue for the event', async () => {
    const queue = await ownQueue()
    opensips.memory.losesNext = 2
    const running = evi.start([
      'raise',
      'E_PIKE_BLOCKED',
      '--opensips',
      opensips.urls.http,
      '--reply-timeout',
      '3000',
      '--json',
    ])
    await expect.poll(() => opensips.memory.losesNext, { timeout: 30_000 }).toBe(1)
    client.channel.sendToQueue(queue, Buffer.from('something else'))
    const { code, stdout } = await running.ended
    const report = JSON.parse(stdout) as Report
    expect(report).toMatchObject({ attempts: 2, arrived: 0, results: [{ status: 'lost' }] })
    expect(code).toBe(75)
    expect(await client.take(queue)).toHaveLength(1)
  })

  test('counts in a queue in which others wait, and touches none of them', async () => {
    const queue = await ownQueue()
    client.channel.sendToQueue(queue, Buffer.from('before'))
    await client.channel.checkQueue(queue)
    const { code, report } = await raise('--reply-timeout', '60000')
    expect(report).toMatchObject({ attempts: 1, arrived: 0, counted: 1, results: [{ status: 'counted' }] })
    expect(report.results[0]).toMatchObject({
      reason: expect.stringContaining('has exactly one message more; the bytes were not compared'),
      hint: expect.stringContaining('evi tail --peek --socket'),
    })
    expect(code).toBe(0)
    const messages = await client.take(queue)
    expect(messages.map(({ content }) => String(content))).toEqual(['before', report.payload])
    expect(messages.map(({ fields }) => fields.redelivered)).toEqual([false, false])
  })

  test('says that it cannot see what a consumer takes', async () => {
    const queue = await client.queue()
    const seen = await client.work(queue)
    opensips.memory.subscribe('E_PIKE_BLOCKED', `${brokerAddress}/${queue}`)
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/${queue}`])
    const { code, report } = await raise('--reply-timeout', '1000')
    expect(report).toMatchObject({ attempts: 1, results: [{ status: 'unseen' }] })
    expect(code).toBe(75)
    await expect.poll(() => seen).toEqual([report.payload])
  })

  test('says of a missing queue that only evi got the event', async () => {
    const queue = key()
    opensips.memory.subscribe('E_PIKE_BLOCKED', `${brokerAddress}/${queue}`)
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/${queue}`])
    const { code, report } = await raise('--reply-timeout', '3000')
    expect(report.results).toMatchObject([
      { status: 'unroutable', reason: expect.stringContaining('only evi got it') },
    ])
    expect(code).toBe(5)
  })

  test('reports each of several subscribers, and those of other transports', async () => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', newForm('amq.topic', key()))
    opensips.memory.subscribe('E_PIKE_BLOCKED', 'rabbitmq:alice:s3cret@nowhere.example/far')
    opensips.memory.subscribe('E_PIKE_BLOCKED', 'udp:127.0.0.1:8081')
    const { code, report } = await raise('-s', `${brokerAddress}/x`, '--reply-timeout', '2000')
    expect(report.others).toEqual(['udp:127.0.0.1:8081'])
    expect(report.results.map(({ status }) => status)).toEqual(['unseen', 'arrived'])
    expect(report.results[0]?.hint).toMatch(/--socket/)
    expect(JSON.stringify(report)).not.toContain('s3cret')
    expect(code).toBe(3)
  })

  test('raises nothing where no place can be watched', async () => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', 'rabbitmq:alice:s3cret@nowhere.example/far')
    const { code, stderr } = await evi.run(['raise', 'E_PIKE_BLOCKED', '--opensips', opensips.urls.http])
    expect(stderr).toMatch(/evi has none for it\. The event was not raised/)
    expect(code).toBe(75)
  })

  test.for([
    ['E_NO_SUCH', /does not know the event E_NO_SUCH/],
    ['E_PIKE_BLOCKD', /Did you mean E_PIKE_BLOCKED\?/],
    ['E_CORE_THRESHOLD', /E_CORE_THRESHOLD has no subscriber in OpenSIPS/],
  ] as const)('ends with 4 for %s', async ([event, message]) => {
    const { code, stderr } = await evi.run(['raise', event, '--opensips', opensips.urls.http])
    expect(stderr).toMatch(message)
    expect(code).toBe(4)
  })

  test.for([
    [['--param', 'a:=true'], 64, /OpenSIPS garbles the parameter "a": true is neither/],
    [['--arg', 'a'], 64, /--arg cannot be used with --opensips\./],
    [['--params', '["a"]'], 64, /unnamed parameters/],
    [['--param', `a=${'x'.repeat(1200)}`], 65, /more than the 1024/],
  ] as const)('refuses %s before anything is raised', async ([words, exit, message]) => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', newForm('amq.topic', key()))
    const url = ['--opensips', opensips.urls.http, '-s', `${brokerAddress}/x`]
    const { code, stderr } = await evi.run(['raise', 'E_PIKE_BLOCKED', ...words, ...url])
    expect(stderr).toMatch(message)
    expect(code).toBe(exit)
  })

  test('does not need the store where the socket is given with its login', async () => {
    const routingKey = key()
    opensips.memory.subscribe('E_PIKE_BLOCKED', newForm('amq.topic', routingKey))
    const { code } = await raise(...pike, '--socket', newForm('amq.topic', routingKey))
    expect(code).toBe(0)
  })
})

describe('evi raise --opensips after the broker was restarted', () => {
  const own = ownBroker({})

  /** Cuts OpenSIPS's connections and returns how many those were. A close in order would wait 30 s for its answer. */
  async function cutConnections(): Promise<number> {
    const cut = await own.broker.rabbitmqctl(
      'eval',
      `length([exit(Pid, kill) || Pid <- rabbit_networking:connections(),
         {client_properties, Properties} <- rabbit_networking:connection_info(Pid, [client_properties]),
         {<<"product">>, _, <<"rabbitmq-c">>} <- Properties]).`,
    )
    return Number(cut)
  }

  test('says that the first was lost and the second arrived', async () => {
    const socket = `rabbitmq:guest:guest@127.0.0.1:${own.broker.port}/exchange=amq.topic?k`
    opensips.memory.subscribe('E_PIKE_BLOCKED', socket)
    const words = ['raise', 'E_PIKE_BLOCKED', '--opensips', opensips.urls.http, '-s', socket]
    expect((await evi.run(words)).code).toBe(0)
    expect(await cutConnections()).toBe(1)
    await expect.poll(cutConnections).toBe(0)
    const { code, stdout } = await evi.run([...words, '--reply-timeout', '2000'])
    expect(stdout).toMatch(/arrived at the second attempt/)
    expect(code).toBe(0)
  })
})
