import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalServer, serve } from '../../helpers/brokers/local-server.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort, mutePort } from '../../helpers/brokers/servers.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

const nowhere = `nowhere-${randomUUID()}`

const own = ownBroker({ management: true })

useEvi()

interface Step {
  readonly step: string
  readonly status: string
  readonly ms: number
  readonly reason: string | null
  readonly hint: string | null
}

interface Cut {
  readonly exit: number
  readonly step: string
  readonly reason: RegExp
  readonly hint: RegExp
}

/** Checks the socket, in words and as JSON; what is on the broker is the same afterwards. */
async function expectCut(socket: string, cut: Cut, ...flags: string[]): Promise<void> {
  const before = await stateOfBroker()
  const words = ['check', '--socket', socket, ...flags]
  const plain = await evi.run(words)
  const json = await evi.run([...words, '--json'])
  expect(await stateOfBroker()).toEqual(before)
  expect({ code: plain.code, stderr: plain.stderr }).toEqual({ code: cut.exit, stderr: '' })
  expect({ code: json.code, stderr: json.stderr }).toEqual({ code: cut.exit, stderr: '' })
  const [{ steps, ok }] = JSON.parse(json.stdout).checks as [{ steps: Step[]; ok: boolean }]
  expect(ok).toBe(false)
  expect(steps.at(-1)).toMatchObject({
    step: cut.step,
    status: 'failed',
    reason: expect.stringMatching(cut.reason),
    hint: expect.stringMatching(cut.hint),
  })
  expect(steps.slice(0, -1).filter(({ status }) => status === 'failed')).toEqual([])
  expect(plain.stdout).toMatch(new RegExp(`✖ ${cut.step} +(?:[\\d.]+ ms {2})?${cut.reason.source}`))
  expect(plain.stdout.replace(/\n +/g, '\n')).toMatch(cut.hint)
  expect(plain.stdout + json.stdout).not.toMatch(/s3cret|\n\s+at /)
}

/** All queues, exchanges and bindings, and the messages in the one queue that has some. */
async function stateOfBroker(): Promise<unknown[]> {
  const list = async (what: string) => {
    const headers = { authorization: `Basic ${btoa('guest:guest')}` }
    return await (await fetch(`${own.broker.managementUrl}/api/${what}`, { headers })).json()
  }
  return await Promise.all([
    list('queues?columns=name'),
    list('exchanges?columns=name,type'),
    list('bindings'),
    own.client.channel.checkQueue(filled),
  ])
}

let filled: string
beforeAll(async () => {
  filled = await own.client.queue()
  own.client.channel.sendToQueue(filled, Buffer.from('one'))
  await own.client.channel.prefetch(0)
})

describe('one fault each is found at the right step', () => {
  test('a name that does not resolve', async () => {
    await expectCut(`rabbitmq:a:s3cret@${nowhere}.invalid/q`, {
      exit: 69,
      step: 'name',
      reason: /The host name "nowhere-.+" does not resolve/,
      hint: /resolv.conf/,
    })
  })

  test('a port on which nothing listens', async () => {
    await expectCut(`rabbitmq:127.0.0.1:${await closedPort()}/q`, {
      exit: 69,
      step: 'tcp',
      reason: /127.0.0.1:\d+ refuses the connection/,
      hint: /rabbitmqctl status/,
    })
  })

  test('a port that is filtered', async () => {
    const mute = await mutePort()
    try {
      await expectCut(
        `rabbitmq:127.0.0.1:${mute.port}/q`,
        {
          exit: 69,
          step: 'tcp',
          reason: /127.0.0.1:\d+ does not answer: no TCP connection within 300 ms/,
          hint: /firewall/,
        },
        '--connect-timeout',
        '300',
      )
    } finally {
      await mute.close()
    }
  })

  test('a broker that takes too long to greet', async () => {
    const server: LocalServer = await serve(() => {})
    try {
      await expectCut(
        `rabbitmq:127.0.0.1:${server.port}/q`,
        { exit: 69, step: 'amqp', reason: /.+ gave no AMQP reply within 300 ms/, hint: /EVI_TIMEOUT/ },
        '--reply-timeout',
        '300',
      )
    } finally {
      await server.close()
    }
  })

  test('a wrong password, with a remedy that works', async () => {
    await own.broker.rabbitmqctl('add_user', 'alice', 'right')
    await expectCut(`rabbitmq:alice:s3cret@${own.broker.host}:${own.broker.port}/q`, {
      exit: 77,
      step: 'login',
      reason: /The login of the user "alice" was refused/,
      hint: /rabbitmqctl authenticate_user alice\n.+evi password --host \S+ --user alice\b/,
    })
    await own.broker.rabbitmqctl('set_permissions', 'alice', '', '.*', '')
    for (const queue of ['q', 'r'])
      await evi.run([
        'subscribe',
        'E_A',
        `rabbitmq:alice:s3cret@${own.broker.host}:${own.broker.port}/${queue}`,
      ])
    const remedy =
      /evi (password --host \S+ --user alice)\n/.exec((await evi.run(['check'])).stdout)?.[1] ?? ''
    const words = [...remedy.split(' '), '--password-env', 'RIGHT']
    const { code, stdout } = await evi.run(words, { environment: { RIGHT: 'right' } })
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/: 2 changed, 0 had it already/),
    })
  })

  test('no such vhost, with a remedy that works', async () => {
    const socket = `${own.address}/vhost=new%20one?${filled}`
    await expectCut(socket, {
      exit: 77,
      step: 'vhost',
      reason: /There is no vhost "new one"/,
      hint: /rabbitmqctl add_vhost 'new one' && rabbitmqctl set_permissions -p 'new one' guest '\^\$' '\^amq\\\.default\$' '\^\$'/,
    })
    await own.broker.rabbitmqctl('add_vhost', 'new one')
    await own.broker.rabbitmqctl('set_permissions', '-p', 'new one', 'guest', '.*', '.*', '.*')
    expect((await evi.run(['check', '--socket', socket])).stdout).toMatch(/✔ rabbitmq:.+, vhost new one {2}/)
  })

  test('no permission on the vhost', async () => {
    await own.broker.rabbitmqctl('add_user', 'bob', 's3cret')
    await expectCut(`rabbitmq:bob:s3cret@${own.broker.host}:${own.broker.port}/q`, {
      exit: 77,
      step: 'vhost',
      reason: /The user "bob" has no permission on the vhost "\/"/,
      hint: /rabbitmqctl set_permissions bob '\^\$' '\^amq\\\.default\$' '\^\$'/,
    })
  })

  test('no permission to publish', async () => {
    await addUser(own.broker, 'carol', 's3cret', ['.*', '^$', '.*'])
    await expectCut(`rabbitmq:carol:s3cret@${own.broker.host}:${own.broker.port}/${filled}`, {
      exit: 77,
      step: 'publish',
      reason: /RabbitMQ refused: (?:write )?access to exchange 'amq.default'/,
      hint: /rabbitmqctl set_permissions carol/,
    })
  })

  test('no such exchange', async () => {
    await expectCut(`${own.address}/amq.topci?sip`, {
      exit: 76,
      step: 'exchange',
      reason: /There is no exchange "amq.topci" in the vhost "\/"/,
      hint: /rabbitmqctl list_exchanges/,
    })
  })

  test('no such queue', async () => {
    await expectCut(`${own.address}/${nowhere}`, {
      exit: 5,
      step: 'queue',
      reason: /There is no queue "nowhere-.+" in the vhost "\/"/,
      hint: /rabbitmqctl list_queues/,
    })
  })

  test('no binding for the routing key, by a probe', async () => {
    await expectCut(
      `${own.address}/amq.topic?${nowhere}`,
      {
        exit: 5,
        step: 'probe',
        reason:
          /The exchange "amq.topic" has no binding to a running queue that takes the routing key "nowhere-/,
        hint: /rabbitmqctl list_bindings/,
      },
      '--probe',
    )
  })

  test('no binding for the routing key, by the management API', async () => {
    await expectCut(
      `${own.address}/amq.topic?${nowhere}`,
      { exit: 5, step: 'route', reason: /.*amq.topic.*nowhere-/, hint: /rabbitmqctl list_bindings/ },
      '--management',
      String(own.broker.managementUrl),
    )
  })
})

describe('a wiring that is whole', () => {
  interface Document {
    readonly checks: readonly { socket: string; events: string[]; host: string; ok: boolean; steps: Step[] }[]
    readonly passed: number
    readonly failed: number
  }

  const stepsOf = ({ steps }: Document['checks'][0]) => steps.map(({ step, status }) => `${step} ${status}`)

  test('passes at every step, and says what it found there', async () => {
    const queue = await own.client.queue()
    await own.client.channel.consume(queue, () => {})
    const socket = `rabbitmq:guest:guest@localhost:${own.broker.port}/${queue}`
    const { checks } = await evi.json<Document>('check', '--socket', socket)
    expect(checks).toMatchObject([
      {
        ok: true,
        host: `localhost:${own.broker.port}`,
        steps: [
          { step: 'name', addresses: expect.arrayContaining(['127.0.0.1']) },
          { step: 'tcp', addresses: ['127.0.0.1'] },
          { step: 'amqp', broker: `RabbitMQ ${own.broker.version}` },
          { step: 'login', found: 'guest', mechanism: 'PLAIN' },
          { step: 'vhost', found: '/' },
          { step: 'queue', queue, messages: 0, consumers: 1 },
          { step: 'publish', status: 'passed' },
          { step: 'takes', status: 'unknown' },
        ],
      },
    ])
    expect(checks[0]?.steps.every(({ ms }) => ms >= 0)).toBe(true)
  })

  test('a queue without a consumer is reported, and is no cut', async () => {
    const plain = await evi.run(['check', '--socket', `${own.address}/${filled}`])
    expect(plain.code).toBe(0)
    expect(plain.stdout).toMatch(new RegExp(`! queue +[\\d.]+ ms {2}${filled}, 1 message, 0 consumers`))
    expect(plain.stdout).toContain(`No consumer takes from the queue "${filled}"`)
  })

  test('a queue of another connection is there, though nothing can be known of it', async () => {
    const { queue } = await own.client.channel.assertQueue('', { exclusive: true })
    const plain = await evi.run(['check', '--verbose', '--socket', `${own.address}/${queue}`])
    expect(plain).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/✔ queue +.+ exclusive to another/),
    })
  })

  test('what AMQP does not say is not guessed', async () => {
    const plain = await evi.run(['check', '--verbose', '--socket', `${own.address}/amq.topic?${nowhere}`])
    expect(plain.code).toBe(0)
    expect(plain.stdout).toMatch(/✔ exchange +[\d.]+ ms {2}amq.topic, topic/)
    expect(plain.stdout).toMatch(/\? route +[\d.]+ ms {2}AMQP does not show[\s\S]+--management[\s\S]+--probe/)
    expect(plain.stdout).toMatch(/✔ publish/)
  })

  test('a probe is sent once, as an event of its own', async () => {
    const queue = await own.client.queue()
    const plain = await evi.run(['check', '--verbose', '--socket', `${own.address}/${queue}`, '--probe'])
    expect(plain).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/✔ probe +[\d.]+ ms {2}routed and confirmed/),
    })
    const bodies = (await own.client.take(queue)).map(({ content }) => content.toString())
    expect(bodies).toEqual(['{"jsonrpc":"2.0","method":"E_EVI_PROBE"}'])
  })

  test('an event is checked at all its subscribers, each broker once, with the gravest exit code', async () => {
    await evi.run(['subscribe', 'E_A', `${own.address}/${filled}`])
    await evi.run(['subscribe', 'E_A', `${own.address}/${nowhere}?k`])
    await evi.run(['subscribe', 'E_B', `${own.address}/${filled}`])
    await evi.run([
      'subscribe',
      'E_C',
      `rabbitmq:guest:wrong@${own.broker.host}:${own.broker.port}/${filled}`,
    ])
    const { checks, passed, failed } = await evi.json<Document>('check', 'E_A')
    expect({ passed, failed }).toEqual({ passed: 1, failed: 1 })
    expect(checks.map(({ events }) => events)).toEqual([['E_A', 'E_B'], ['E_A']])
    expect(checks.map(stepsOf)).toEqual([
      [
        'name passed',
        'tcp passed',
        'amqp passed',
        'login passed',
        'vhost passed',
        'queue warning',
        'publish passed',
        'takes unknown',
      ],
      ['name passed', 'tcp passed', 'amqp passed', 'login passed', 'vhost passed', 'exchange failed'],
    ])
    const all = await evi.run(['check'])
    expect(all.code).toBe(77)
    expect(all.stdout.match(/^✔ rabbitmq:/gm)).toHaveLength(1)
    expect(all.stdout.match(/✖ login/g)).toHaveLength(1)
    expect(all.stdout).toMatch(/✖ .+\?k {2}E_A\n/)
  })

  test('a cluster is whole when a later host answers, and the silent one is reported', async () => {
    const closed = await closedPort()
    const socket = `rabbitmq:guest:guest@127.0.0.1:${closed},127.0.0.1:${own.broker.port}/${filled}`
    const { checks } = await evi.json<Document>('check', '--socket', socket)
    expect(checks).toMatchObject([{ ok: true, host: `127.0.0.1:${own.broker.port}` }])
    expect(stepsOf(checks[0] as Document['checks'][0]).slice(0, 4)).toEqual([
      'name passed',
      'tcp warning',
      'name passed',
      'tcp passed',
    ])
  })
})

describe('brokers that take their time', () => {
  let mute: LocalServer
  beforeAll(async () => {
    mute = await serve(() => {})
  })
  afterAll(() => mute.close())

  test('check shows on a terminal which broker it waits for, and after which step', async () => {
    const socket = `rabbitmq:127.0.0.1:${mute.port}/q`
    await using terminal = new Terminal(evi, ['check', '--socket', socket, '--reply-timeout', '30000'])
    await terminal.shows(`Checking rabbitmq:guest@127.0.0.1:${mute.port}, vhost /, after tcp …`)
    terminal.type(keys.interrupt)
    expect(await terminal.ended()).toBe(130)
  })

  test('are checked side by side, and shown in order', async () => {
    const [one, two] = ['one', 'two'].map((user) => `rabbitmq:${user}@127.0.0.1:${mute.port}/q`) as [
      string,
      string,
    ]
    const last = `${own.address}/${filled}`
    const words = [
      'check',
      '--reply-timeout',
      '4000',
      ...[one, two, last].flatMap((socket) => ['--socket', socket]),
    ]
    const { code, stdout, ms } = await evi.run(words)
    expect(code).toBe(69)
    expect(ms).toBeLessThan(7500)
    expect(stdout.match(/^. rabbitmq:\w+/gm)).toEqual([
      '✖ rabbitmq:one',
      '✖ rabbitmq:two',
      '✔ rabbitmq:guest',
    ])
    expect(stdout).toMatch(/✖ amqp[\s\S]+✖ amqp[\s\S]+! queue/)
  })
})

describe('a broker in a state of its own', () => {
  test('an alarm that blocks publishers is reported at once', async () => {
    await own.broker.rabbitmqctl('set_vm_memory_high_watermark', '0.000001')
    try {
      const start = performance.now()
      await expectCut(`${own.address}/${filled}`, {
        exit: 75,
        step: 'publish',
        reason: /RabbitMQ blocks publishers \(low on memory\)/,
        hint: /rabbitmqctl status/,
      })
      expect(performance.now() - start).toBeLessThan(5000)
    } finally {
      await own.broker.rabbitmqctl('set_vm_memory_high_watermark', '0.4')
    }
  })
})

test('nothing to check is reported', async () => {
  expect(await evi.run(['check'])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('evi subscribe'),
  })
  expect(await evi.run(['check', 'E_X', '--socket', `${own.address}/q`])).toMatchObject({
    code: 64,
    stdout: '',
  })
})
