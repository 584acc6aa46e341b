import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ManagementBudget } from '#lib/management/budget.ts'
import { ManagementApi } from '#lib/management/management-api.ts'
import { serve } from '../../helpers/brokers/local-server.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { Evi } from '../../helpers/evi/evi.ts'

const own = ownBroker({ management: true })
beforeAll(async () => {
  await addUser(own.broker, 'eve', 's3cret')
  await own.broker.rabbitmqctl('set_user_tags', 'eve', 'management')
})

const url = () => String(own.broker.managementUrl)
const api = (user = 'guest', password = 'guest', address = url()) =>
  new ManagementApi(
    { url: new URL(address), user, password },
    { replyTimeout: 2000, budget: new ManagementBudget(2000) },
  )

describe('an exchange and its bindings', () => {
  test.each(['a/b', 'per%cent', 'ü?#&', 'with blank', '*'])(
    'are read whatever the name is: %j',
    async (name) => {
      const { exchange } = await own.client.channel.assertExchange(name, 'topic', { durable: false })
      const queue = await own.client.queue()
      await own.client.channel.bindQueue(queue, exchange, `key ${name}`, { name })
      expect(await api().exchange('/', exchange)).toEqual({
        name,
        type: 'topic',
        alternate: null,
        isInternal: false,
      })
      expect(await api().bindingsFrom('/', exchange)).toEqual([
        {
          source: name,
          destination: { kind: 'queue', name: queue },
          routingKey: `key ${name}`,
          arguments: { name },
        },
      ])
    },
  )

  test('are not there, nor in a vhost that is not there, without an error', async () => {
    expect(await api().exchange('/', randomUUID())).toBeUndefined()
    expect(await api().exchange(randomUUID(), 'amq.topic')).toBeUndefined()
    expect(await api().bindingsFrom('/', randomUUID())).toEqual([])
  })

  test('of a name that a URL cannot have are refused in words', async () => {
    await expect(api().exchange('/', '..')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('".."'),
    })
  })
})

describe('an alternate exchange', () => {
  test('by argument goes before one by policy, which not everybody may see', async () => {
    const [mine, by] = [`alternate-own-${randomUUID()}`, `alternate-by-${randomUUID()}`]
    await own.client.channel.assertExchange(mine, 'direct', {
      durable: false,
      alternateExchange: 'amq.direct',
    })
    await own.client.channel.assertExchange(by, 'direct', { durable: false })
    const definition = JSON.stringify({ 'alternate-exchange': 'amq.fanout' })
    await own.broker.rabbitmqctl('set_policy', 'spare', '^alternate-', definition, '--apply-to', 'exchanges')
    const alternatesFor = async (management: ManagementApi) =>
      await Promise.all([mine, by].map(async (name) => (await management.exchange('/', name))?.alternate))
    expect(await alternatesFor(api())).toEqual(['amq.direct', 'amq.fanout'])
    expect(await alternatesFor(api('eve', 's3cret'))).toEqual(['amq.direct', undefined])
    expect((await api('eve', 's3cret').exchanges('/')).map(({ name }) => name)).toContain(by)
  })

  test('that is the default one takes nothing, on the broker and for evi', async () => {
    const name = `x-${randomUUID()}`
    const queue = await own.client.queue()
    await own.client.channel.assertExchange(name, 'direct', { durable: false, alternateExchange: '' })
    own.client.channel.publish(name, queue, Buffer.from('x'))
    expect(await own.client.take(queue)).toEqual([])
    expect(await api().exchange('/', name)).toMatchObject({ alternate: null })
  })
})

test.each([
  [
    'a wrong password',
    'guest',
    'wrong',
    'refused',
    /refuses the login of the user "guest": wrong password/,
    /another login/,
  ],
  [
    'a user without a tag',
    'plain',
    's3cret',
    'refused',
    /Not management user/,
    /set_user_tags plain management/,
  ],
])('%s is reported, with what to do', async (_, user, password, code, message, hint) => {
  if (user === 'plain') await own.broker.rabbitmqctl('add_user', user, password)
  await expect(api(user, password).exchanges('/')).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })
})

describe('what is no management API is not taken for one', () => {
  const reply = (status: string, body: string) =>
    `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  test.each([
    ['a page', reply('200 OK', '<html></html>'), /not as a management API \(200, "/],
    ['JSON of something else', reply('200 OK', '{"name":"x"}'), /not as a management API \(200, "/],
    ['a list of something else', reply('200 OK', '[1]'), /not as a management API \(200, "/],
    ['null', reply('200 OK', 'null'), /not as a management API \(200, "/],
    ['a 404 of its own', reply('404 Not Found', '{"error":"nope"}'), /not as a management API \(404, "/],
    ['a redirection', reply('302 Found', ''), /redirects to another address \(302\)/],
    [
      'a redirection to another scheme',
      'HTTP/1.1 301 Moved\r\nlocation: https://h:15671/api/exchanges/x\r\ncontent-length: 0\r\n\r\n',
      /redirects to https:\/\/h:15671 \(301\); evi does not send the login there unasked/,
    ],
    ['no HTTP at all', 'AMQP\0\0\x09\x01', /cannot be reached/],
    ['a reply that never ends', 'HTTP/1.1 200 OK\r\n\r\n{', /does not answer within 2000 ms/],
  ])('%s', async (_, answer, message) => {
    const server = await serve((connection) => {
      connection.once('data', () => connection.write(answer))
    })
    try {
      const strange = () => api('guest', 's3cret', `http://127.0.0.1:${server.port}`)
      for (const ask of [() => strange().exchange('/', 'x'), () => strange().exchanges('/')]) {
        const error = await ask().catch((reason) => reason)
        expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(message) })
        expect(`${error.message}${error.hint}`).not.toContain('s3cret')
      }
    } finally {
      await server.close()
    }
  })

  test('a closed port', async () => {
    await expect(
      api('a', 'b', `http://127.0.0.1:${await closedPort()}`).exchanges('/'),
    ).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('evi check', () => {
  let evi: Evi
  beforeEach(() => {
    evi = new Evi()
  })
  afterEach(() => evi.dispose())

  const routeOf = async (socket: string, ...words: string[]) => {
    const { code, stdout } = await evi.run(['check', '--json', '--socket', socket, ...words])
    const { checks } = JSON.parse(stdout) as { checks: { steps: { step: string }[] }[] }
    return { code, step: checks[0]?.steps.find(({ step }) => step === 'route') }
  }

  test('does not call a route cut that a policy it may not see may mend', async () => {
    const name = `policy-${randomUUID()}`
    await own.client.channel.assertExchange(name, 'direct', { durable: false })
    await own.client.channel.bindQueue(await own.client.queue(), name, 'bound')
    const definition = JSON.stringify({ 'alternate-exchange': 'amq.fanout' })
    await own.broker.rabbitmqctl('set_policy', 'hidden', '^policy-', definition, '--apply-to', 'exchanges')
    const socket = (key: string) => `rabbitmq:eve:s3cret@${own.broker.host}:${own.broker.port}/${name}?${key}`
    expect(await routeOf(socket('other'), '--management', url())).toMatchObject({
      code: 0,
      step: { status: 'unknown', hint: expect.stringContaining('policymaker') },
    })
    expect(await routeOf(socket('bound'), '--management', url())).toMatchObject({
      step: { status: 'warning', type: 'direct' },
    })
  })

  test('says in one sentence that it may not look', async () => {
    const socket = `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}/amq.topic?k`
    const { step } = await routeOf(socket, '--management', url().replace('//', '//guest:s3cret@'))
    expect(step).toMatchObject({ status: 'hidden', reason: expect.stringMatching(/wrong password\?$/) })
    expect(step).toMatchObject({ reason: expect.not.stringContaining('..') })
  })

  describe('of a whole wiring, where the API cannot be asked', () => {
    const silent = { url: '', close: async () => {} }
    beforeAll(async () => {
      const server = await serve(() => {})
      Object.assign(silent, { url: `http://127.0.0.1:${server.port}`, close: () => server.close() })
    })
    afterAll(() => silent.close())

    test.each([
      ['refuses the login', () => url().replace('//', '//guest:s3cret@'), 'hidden', /wrong password\?$/],
      ['answers nothing', () => silent.url, 'unknown', /does not answer within 2000 ms\.$/],
      ['is not one', () => `http://127.0.0.1:${own.broker.port}`, 'unknown', /./],
    ] as const)('as it %s, ends with 0 and says why at each step', async (_, api, status, reason) => {
      const queue = await own.client.queue()
      await own.client.channel.consume(queue, () => {})
      const address = `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}`
      const sockets = [`${address}/${queue}`, `${address}/amq.direct?k`]
      for (const socket of sockets) {
        const words = ['check', '--json', '--reply-timeout', '2000', '--management', api()]
        const { code, stdout } = await evi.run([...words, '--socket', socket])
        const [{ ok, steps }] = JSON.parse(stdout).checks
        const unseen = steps.find(({ step }: { step: string }) => step === 'takes' || step === 'route')
        expect({ code, ok, unseen }).toEqual({
          code: 0,
          ok: true,
          unseen: expect.objectContaining({ status, reason: expect.stringMatching(reason) }),
        })
      }
    })
  })

  test("names the exchange's own bindings only", async () => {
    const [first, second] = [await own.client.exchange('topic'), await own.client.exchange('direct')]
    await own.client.channel.bindExchange(second, first, '#')
    await own.client.channel.bindQueue(await own.client.queue(), second, 'elsewhere')
    const socket = `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}/${first}?k`
    const { step } = await routeOf(socket, '--management', url())
    expect(step).toMatchObject({
      reason: expect.stringMatching(new RegExp(`It has "#" to exchange ${second}\\.$`)),
    })
  })

  test('sees the consumer of a queue that is exclusive to another connection', async () => {
    const key = randomUUID()
    const { channel } = own.client
    const { queue } = await channel.assertQueue('', { exclusive: true })
    await channel.bindQueue(queue, 'amq.topic', key)
    await channel.consume(queue, () => {})
    const socket = `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}/amq.topic?${key}`
    const route = async () => (await routeOf(socket, '--management', url())).step
    await expect.poll(route, { timeout: 60_000 }).toMatchObject({ status: 'passed' })
  })

  test('refuses an address whose login cannot be read, without showing it', async () => {
    const words = ['check', '--socket', 'rabbitmq:h/x?k', '--management', 'http://a:s3cret%zz@127.0.0.1:1']
    const { code, stdout, stderr } = await evi.run(words)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain('--management is not the address of a management API')
    expect(stderr).not.toContain('s3cret')
  })

  describe('of a queue that rejects what is published', () => {
    const full = `full-${randomUUID()}`
    const address = () => `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}`
    beforeAll(async () => {
      const options = { durable: false, maxLength: 1, arguments: { 'x-overflow': 'reject-publish' } }
      await own.client.channel.assertQueue(full, options)
      await own.client.channel.bindQueue(full, 'amq.fanout', '')
      own.client.channel.sendToQueue(full, Buffer.from('x'))
    })
    const stepsOf = async (...words: string[]) => {
      const { code, stdout } = await evi.run(['check', '--json', ...words])
      const { checks } = JSON.parse(stdout) as { checks: { steps: { step: string; status: string }[] }[] }
      return { code, steps: checks[0]?.steps ?? [] }
    }

    test('says that it is full, by the management API', async () => {
      const { code, steps } = await stepsOf('--socket', `${address()}/${full}`, '--management', url())
      expect(code).toBe(75)
      expect(steps.at(-1)).toMatchObject({
        step: 'takes',
        status: 'failed',
        reason: expect.stringMatching(/is full \(1 message, overflow reject-publish\)/),
      })
    })

    test('says so of a queue behind an exchange, too', async () => {
      const { code, steps } = await stepsOf('--socket', `${address()}/amq.fanout?k`, '--management', url())
      expect(code).toBe(75)
      expect(steps.at(-1)).toMatchObject({ step: 'route', status: 'failed', code: 'rejected' })
    })

    test('without the management API calls what it did not see unknown, with 0', async () => {
      const { code, steps } = await stepsOf('--socket', `${address()}/${full}`)
      expect(code).toBe(0)
      expect(steps.at(-1)).toMatchObject({ step: 'takes', status: 'unknown', code: null })
    })

    test('with --probe has the broker reject it', async () => {
      const { code, steps } = await stepsOf('--socket', `${address()}/${full}`, '--probe')
      expect(code).toBe(75)
      expect(steps.at(-1)).toMatchObject({ step: 'probe', status: 'failed', code: 'rejected' })
    })
  })

  describe('of a queue or exchange that is missing', () => {
    const address = () => `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}`
    const hintFor = async (place: string) => {
      const words = ['check', '--json', '--socket', `${address()}/${place}`, '--management', url()]
      const { checks } = JSON.parse((await evi.run(words)).stdout) as {
        checks: { steps: { hint: string }[] }[]
      }
      return checks[0]?.steps.at(-1)?.hint
    }

    test('names the one that is spelt nearly so', async () => {
      const queue = await own.client.queue()
      expect(await hintFor(`${queue}x`)).toMatch(new RegExp(`^Did you mean "${queue}"\\?\n`))
      expect(await hintFor('amq.topci?k')).toMatch(/^Did you mean "amq\.topic"\?\n/)
      expect(await hintFor(`unlike-${randomUUID()}`)).not.toMatch(/Did you mean|of that name/)
    })

    test('names the vhost that has it', async () => {
      const [vhost, queue] = [`vhost-${randomUUID()}`, `q-${randomUUID()}`]
      await own.broker.rabbitmqctl('add_vhost', vhost)
      await own.broker.rabbitmqctl('set_permissions', '-p', vhost, 'guest', '.*', '.*', '.*')
      await evi.run(['declare', `${address()}/vhost=${vhost}?${queue}`, '--yes'])
      expect(await hintFor(queue)).toMatch(
        new RegExp(
          `^There is a queue of that name in the vhost "${vhost}"\\. OpenSIPS publishes to the vhost "/" only`,
        ),
      )
      const other = await own.client.queue()
      expect(await hintFor(`vhost=${vhost}?${other}`)).toMatch(
        /^There is a queue of that name in the vhost "\/"\. Subscribe there: evi subscribe EVENT rabbitmq:guest@/,
      )
      await own.broker.rabbitmqctl('delete_vhost', vhost)
    })
  })

  describe('of where a message would be lost', () => {
    const address = () => `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}`
    const lastStep = async (place: string) => {
      const words = ['check', '--json', '--socket', `${address()}/${place}`, '--management', url()]
      const { code, stdout } = await evi.run(words)
      const { checks } = JSON.parse(stdout) as { checks: { steps: Record<string, unknown>[] }[] }
      return { exit: code, ...checks[0]?.steps.at(-1) }
    }

    test.for<[string, Record<string, unknown>, RegExp]>([
      ['is full and drops its oldest', { 'x-max-length': 1 }, /is full \(1 message, overflow drop-head\)/],
      [
        'lets messages expire that no consumer takes',
        { 'x-message-ttl': 60_000 },
        /drops messages after 60 s/,
      ],
      [
        'names a dead-letter exchange that is not there',
        { 'x-dead-letter-exchange': 'nowhere' },
        /the dead-letter exchange "nowhere", which does not exist/,
      ],
    ])(
      'warns of a queue that %s, with 0, also behind an exchange and in the map',
      async ([, args, reason]) => {
        const queue = `loses-${randomUUID()}`
        await own.client.channel.assertQueue(queue, { arguments: args })
        own.client.channel.sendToQueue(queue, Buffer.from('x'))
        await expect.poll(async () => (await own.client.channel.checkQueue(queue)).messageCount).toBe(1)
        await own.client.channel.bindQueue(queue, 'amq.direct', queue)
        for (const place of [queue, `amq.direct?${queue}`]) {
          await evi.run(['subscribe', 'E_LOSES', `${address()}/${place}`])
          for (const command of ['check', 'map']) {
            const { code, stdout } = await evi.run([command, 'E_LOSES', '--management', url()])
            expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(reason) })
          }
          await evi.run(['unsubscribe', 'E_LOSES', '--all'])
        }
        await own.client.channel.deleteQueue(queue)
      },
    )

    test('reports of many queues which dead-letter exchanges are missing', async () => {
      const { channel } = own.client
      const exchange = await own.client.exchange('fanout')
      const deadLetters = ['amq.fanout', ...Array.from({ length: 21 }, (_, number) => `nowhere-${number}`)]
      for (const name of deadLetters) {
        const queue = await channel.assertQueue('', {
          exclusive: true,
          arguments: { 'x-dead-letter-exchange': name },
        })
        await channel.bindQueue(queue.queue, exchange, '')
      }
      const socket = `${address()}/${exchange}?k`
      const { stdout } = await evi.run(['check', '--json', '--socket', socket, '--management', url()])
      const missing = [...stdout.matchAll(/"loss":"[^,]* dead-letter exchange \\"(.*?)\\"/g)].map(
        ([, name]) => name,
      )
      expect(missing.toSorted()).toEqual(deadLetters.slice(1).toSorted())
    })

    test.for<[string, Record<string, unknown>]>([
      ['has no length', { 'x-max-length': 0 }],
      ['lets messages expire at once', { 'x-message-ttl': 0 }],
    ])('fails at a queue without a consumer that %s, and not where one consumes', async ([, args]) => {
      const queue = `drops-${randomUUID()}`
      await own.client.channel.assertQueue(queue, { arguments: args })
      expect(await lastStep(queue)).toMatchObject({
        exit: 5,
        step: 'takes',
        status: 'failed',
        reason: expect.stringContaining(`The queue "${queue}" keeps no message`),
      })
      await own.client.channel.bindQueue(queue, 'amq.direct', queue)
      expect(await lastStep(`amq.direct?${queue}`)).toMatchObject({
        exit: 5,
        step: 'route',
        status: 'failed',
      })
      await own.client.channel.consume(queue, () => {}, { noAck: true })
      expect(await lastStep(queue)).toMatchObject({ exit: 0, step: 'takes', status: 'passed' })
      await own.client.channel.deleteQueue(queue)
    })

    test('fails at a queue that has no room for the bytes of any event', async () => {
      const queue = `tight-${randomUUID()}`
      const args = { 'x-max-length-bytes': 20, 'x-overflow': 'reject-publish' }
      await own.client.channel.assertQueue(queue, { arguments: args })
      const socket = `${address()}/${queue}`
      expect(await evi.run(['raise', 'E', '--socket', socket, '--sync'])).toMatchObject({ code: 75 })
      await expect
        .poll(() => lastStep(queue), { timeout: 20_000 })
        .toMatchObject({ exit: 75, step: 'takes', reason: expect.stringContaining('is full (20 bytes') })
      await own.client.channel.deleteQueue(queue)
    })

    test('warns of a queue without a consumer that is exclusive to another connection', async () => {
      const queue = `exclusive-${randomUUID()}`
      await own.client.channel.assertQueue(queue, { exclusive: true })
      await expect
        .poll(() => lastStep(queue), { timeout: 20_000 })
        .toMatchObject({ step: 'takes', status: 'warning', reason: expect.stringMatching(/^No consumer/) })
      await own.client.channel.deleteQueue(queue)
    })

    test('fails at an internal exchange, and advises no binding', async () => {
      const exchange = `internal-${randomUUID()}`
      await own.client.channel.assertExchange(exchange, 'topic', { internal: true, autoDelete: true })
      expect(await lastStep(`${exchange}?k`)).toMatchObject({
        exit: 77,
        step: 'route',
        status: 'failed',
        reason: `The exchange "${exchange}" is internal: RabbitMQ refuses what is published to it.`,
        hint: expect.not.stringContaining('evi declare'),
      })
      await own.client.channel.deleteExchange(exchange)
    })
  })

  test('of a quorum queue whose process ended says so, whatever its last statistics were', async () => {
    const queue = `quorum-${randomUUID()}`
    await own.client.channel.assertQueue(queue, { arguments: { 'x-queue-type': 'quorum' } })
    const answer = async () => {
      const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` }
      return await (await fetch(`${url()}/api/queues/%2F/${queue}?columns=messages`, { headers })).text()
    }
    await expect.poll(answer, { timeout: 60_000 }).toContain('messages')
    const member = `{list_to_atom("%2F_${queue}"), node()}`
    await own.broker.rabbitmqctl('eval', `ra:stop_server(quorum_queues, ${member}).`)
    const socket = `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}/${queue}`
    const { code, stdout } = await evi.run(['check', '--json', '--socket', socket, '--management', url()])
    const takes = JSON.parse(stdout).checks[0].steps.at(-1)
    expect({ code, takes }).toEqual({
      code: 75,
      takes: expect.objectContaining({ step: 'takes', status: 'failed', code: 'rejected' }),
    })
    // The whole vhost is one listing.
    const others = await Promise.all(Array.from({ length: 21 }, () => own.client.queue()))
    const states = await api().queues('/', [queue, ...others])
    expect(states.get(queue)).toMatchObject({ members: [expect.any(String)], online: [] })
  })

  test('looks at a route that leads to hundreds of queues', async () => {
    const fanout = await own.client.exchange('fanout')
    for (let count = 0; count < 300; count++)
      await own.client.channel.bindQueue(await own.client.queue(), fanout, '')
    const socket = `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}/${fanout}?k`
    const { code, step } = await routeOf(socket, '--management', url())
    expect({ code, queues: (step as unknown as { queues: unknown[] }).queues.length }).toEqual({
      code: 0,
      queues: 300,
    })
  })

  test('of an API that invents exchanges without end comes to an end, and calls the broker healthy', async () => {
    const cluster = await api().cluster()
    let invented = 0
    const server = await serve((connection) => {
      connection.on('data', (request) => {
        const path = String(request).split(' ')[1] ?? ''
        const exchange = { name: `x${invented++}`, type: 'fanout', arguments: {} }
        const binding = {
          source: 'x',
          destination: `x${invented}`,
          destination_type: 'exchange',
          routing_key: '',
          arguments: {},
        }
        const document = path.endsWith('cluster-name')
          ? { name: cluster }
          : path.endsWith('source')
            ? [binding]
            : exchange
        const body = JSON.stringify(document)
        connection.end(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
      })
    })
    try {
      const socket = `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}/amq.topic?k`
      const management = `http://127.0.0.1:${server.port}`
      const { stdout } = await evi.run([
        'check',
        '--json',
        '-s',
        socket,
        '--management',
        management,
        '--reply-timeout',
        '1000',
      ])
      const { checks } = JSON.parse(stdout)
      const { steps } = checks[0]
      expect(steps.find(({ step }: { step: string }) => step === 'route')).toMatchObject({
        status: 'unknown',
        // After some exchanges a listing is asked for, which this one does not have.
        reason: expect.stringMatching(/does not answer within 2000 ms|answers, but not as a management API/),
      })
      expect(steps.at(-1)).toMatchObject({ step: 'publish', status: 'passed' })
    } finally {
      await server.close()
    }
  })

  test('of an API of another cluster uses nothing of it, and says so', async () => {
    const server = await serve((connection) => {
      connection.on('data', () => {
        const body = '{"name":"another"}'
        connection.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      })
    })
    try {
      const socket = `rabbitmq:guest:guest@${own.broker.host}:${own.broker.port}/amq.topic?k`
      const { step } = await routeOf(socket, '--management', `http://127.0.0.1:${server.port}`)
      expect(step).toMatchObject({
        status: 'unknown',
        reason: expect.stringMatching(/^No management API that was given speaks for this broker's cluster/),
      })
    } finally {
      await server.close()
    }
  })
})
