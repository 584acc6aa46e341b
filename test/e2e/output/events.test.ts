import { describe, expect, inject, test } from 'vitest'
import { Client } from '../../helpers/brokers/client.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const { host, port } = inject('sandbox')

useEvi()

interface Catalogue {
  readonly date: string
  readonly events: readonly {
    name: string
    module: string
    params: readonly { name: string; type: string }[]
  }[]
}

describe('evi events', () => {
  test('lists all events of OpenSIPS, a line each', async () => {
    const { code, stdout, stderr } = await evi.run(['events'])
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(64)
    expect(lines[1]).toMatch(/^E_PIKE_BLOCKED +pike +1\.7 +An address sends too many requests/)
    expect(stderr).toContain('evi events NAME')
  })

  test('shows the events with a word, with their parameters and types in order', async () => {
    const { stdout, stderr } = await evi.run(['events', 'e_pike'])
    expect(stdout).toMatch(
      /^E_PIKE_BLOCKED {2}pike, since OpenSIPS 1\.7\n {2}An address .*\n {2}ip {2}string {2}\S+\n$/,
    )
    expect(stderr).toBe('')
  })

  test('prints the whole catalogue as JSON, with its date', async () => {
    const { date, events } = await evi.json<Catalogue>('events')
    expect(date).toMatch(/^20/)
    expect(events).toHaveLength(63)
    expect(events.find(({ name }) => name === 'E_RTPENGINE_STATUS')).toMatchObject({
      module: 'rtpengine',
      params: [
        { name: 'socket', type: 'string' },
        { name: 'status', type: 'string' },
        { name: 'set', type: 'integer' },
      ],
    })
  })

  test('ends with 4 where no event is found, and names the nearest one', async () => {
    expect(await evi.run(['events', 'E_PIKE_BLOKED'])).toMatchObject({
      code: 4,
      stdout: '',
      stderr:
        'evi: No event of OpenSIPS has "E_PIKE_BLOKED" in it.\n  Did you mean: evi events E_PIKE_BLOCKED\n',
    })
  })
})

describe('evi raise --example', () => {
  test('publishes the event as OpenSIPS does, with what --param gives in its place', async () => {
    const client = await Client.connect()
    try {
      const queue = await client.queue()
      const words = ['raise', 'E_PIKE_BLOCKED', '--example', '--param', 'ip=10.0.0.7']
      const ended = await evi.run([...words, '--sync', '-s', `rabbitmq:${host}:${port}/${queue}`])
      expect(ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining('!') })
      expect(await client.channel.get(queue)).toMatchObject({
        content: Buffer.from('{"jsonrpc":"2.0","method":"E_PIKE_BLOCKED","params":{"ip":"10.0.0.7"}}'),
      })
    } finally {
      await client.close()
    }
  })

  test.each([
    ['with unnamed parameters', ['E_PIKE_BLOCKED', '--arg', 'x']],
    ['with all parameters given', ['E_PIKE_BLOCKED', '--params', '{}']],
    ['of a stream', ['-']],
    ['of a batch', ['E_PIKE_BLOCKED', '--batch', '-']],
    ['of an event that is not one of OpenSIPS', ['E_PIKE_BLOKED']],
  ])('is refused %s', async (_what, words) => {
    expect(await evi.run(['raise', ...words, '--example', '--dry-run'])).toMatchObject({
      code: 64,
      stdout: '',
    })
  })
})

describe('a name that is nearly one of OpenSIPS is warned about and taken', () => {
  const event = '! OpenSIPS itself has no event E_PIKE_BLOKED. Did you mean E_PIKE_BLOCKED?'

  /** No broker is there. */
  const misplaced = 'rabbitmq:127.0.0.1:1/q?vhost=prod'

  test('when it is subscribed to, also as one of many and as JSON', async () => {
    const socket = 'rabbitmq:h/q'
    const plain = await evi.run(['subscribe', 'E_PIKE_BLOKED', socket])
    expect(plain).toMatchObject({ code: 0, stderr: expect.stringContaining(event) })
    const json = await evi.run(['subscribe', 'E_PIKE_BLOKED', socket, '--json'])
    expect(json).toMatchObject({ code: 0, stderr: expect.stringContaining(event) })
    expect(JSON.parse(json.stdout)).toMatchObject({ renewed: true })
    const input = `E_PIKE_BLOKED ${socket}\nE_PIKE_BLOKED ${socket}2\nE_MINE ${socket}\n`
    const many = await evi.run(['subscribe', '--batch', '-'], { input })
    expect(many.code).toBe(0)
    expect(many.stderr.match(/^!.*/gm)).toEqual([expect.stringContaining(event)])
  })

  test('when it is a parameter that a socket has as its routing key', async () => {
    const { code, stderr } = await evi.run(['subscribe', 'E_X', 'rabbitmq:h/q?vhost=prod'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^! "vhost=prod" is the routing key\. .*rabbitmq:HOST\/vhost=NAME\?KEY$/m)
    expect((await evi.run(['subscribe', 'E_X', 'rabbitmq:h/vhost=prod?q'])).stderr).toBe('')
  })

  test.each([
    ['check', 'check', '--socket', misplaced],
    ['check --login', 'check', '--login', '--socket', misplaced],
    ['raise', 'raise', 'E_X', '--socket', misplaced, '--dry-run'],
    ['raise --count', 'raise', 'E_X', '--socket', misplaced, '--count', '3'],
    ['tail', 'tail', '--socket', misplaced, '--timeout', '1'],
    ['declare', 'declare', misplaced, '--yes'],
    ['bench', 'bench', misplaced],
  ])('when it is a parameter that the socket of %s has as its routing key', async (_, ...words) => {
    for (const flags of [[], ['--json']]) {
      const { stdout, stderr } = await evi.run([...words, ...flags])
      expect(stderr.match(/^! .*/gm)).toEqual([expect.stringContaining('"vhost=prod" is the routing key. ')])
      expect(stdout).not.toContain('is the routing key')
    }
    const right = words.map((word) => word.replace('q?vhost=prod', 'vhost=prod?q'))
    expect((await evi.run(right)).stderr).not.toContain('is the routing key')
  })

  test('when it is raised', async () => {
    const { code, stdout, stderr } = await evi.run(['raise', 'E_PIKE_BLOKED', '--dry-run'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"jsonrpc":"2.0","method":"E_PIKE_BLOKED"}' })
    expect(stderr).toContain(event)
  })

  test('when a batch is raised', async () => {
    const words = ['raise', 'E_PIKE_BLOKED', '--batch', '-', '-s', `rabbitmq:${host}:${port}/none`]
    const { stderr } = await evi.run(words, { input: '{}\n{}\n' })
    expect(stderr.match(/^! OpenSIPS.*/gm)).toEqual([expect.stringContaining(event)])
  })

  test('when it is the name of a parameter', async () => {
    const params = ['--param', 'statsu=active', '--param', 'zzz=1']
    const { code, stderr } = await evi.run(['raise', 'E_RTPPROXY_STATUS', ...params, '--dry-run'])
    expect(code).toBe(0)
    expect(stderr.match(/^!.*/gm)).toEqual([
      expect.stringContaining('has no parameter "statsu". Did you mean "status"?'),
      expect.stringContaining('has no parameter "zzz". It has socket, status.'),
    ])
  })

  test.each([
    ['a known event', ['E_PIKE_BLOCKED', '-p', 'ip=1']],
    ['an event of the user alone', ['E_BILLING_DONE', '-p', 'amount=1']],
    ['parameters that the user adds to accounting', ['E_ACC_CDR', '-p', 'customer=1']],
    ['unnamed parameters', ['E_PIKE_BLOCKED', '-a', '1']],
  ])('but %s', async (_what, words) => {
    expect((await evi.run(['raise', ...words, '--dry-run'])).stderr).not.toContain('!')
  })
})
