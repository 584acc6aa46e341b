import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { brokerAddress, printedAddress } from '../../helpers/brokers/client.ts'
import { testBroker } from '../../helpers/brokers/sandbox.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import { opensips, startOpenSips, useOpenSips } from '../../helpers/opensips/fixture.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

const { enter } = keys

useClient()
useOpenSips()
useEvi()

describe('evi raise --opensips on a terminal', () => {
  const question = 'Raise it?'
  let queue: string
  beforeEach(async () => {
    queue = await client.queue()
    opensips.memory.subscribe('E_PIKE_BLOCKED', `${brokerAddress}/${queue}`)
    opensips.memory.subscribe('E_PIKE_BLOCKED', 'udp:127.0.0.1:8081')
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/${queue}`])
  })
  const words = (...more: string[]) => ['raise', 'E_PIKE_BLOCKED', '--opensips', opensips.urls.http, ...more]

  test('says who gets the event, asks, and raises it after Enter', async () => {
    await using terminal = new Terminal(evi, words())
    await terminal.shows('OpenSIPS sends E_PIKE_BLOCKED to all of these, and to their consumers:')
    await terminal.shows('udp:127.0.0.1:8081')
    await terminal.shows(`rabbitmq:guest@127.0.0.1/${queue}`)
    await terminal.answer(question, enter)
    await terminal.shows(/arrived/)
    expect(await terminal.ended()).toBe(0)
    expect(await client.take(queue)).toHaveLength(1)
  })

  test('raises nothing after a no, and ends with 130', async () => {
    await using terminal = new Terminal(evi, words())
    await terminal.answer(question, 'n', enter)
    await terminal.shows('Not raised.')
    expect(await terminal.ended()).toBe(130)
    expect(opensips.memory.raised).toBe(0)
    expect(await client.take(queue)).toEqual([])
  })

  test('does not ask with --yes', async () => {
    await using terminal = new Terminal(evi, words('--yes'))
    await terminal.shows(/arrived/)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text).not.toContain(question)
  })

  test('ends with 4 where OpenSIPS was restarted during the question and has lost its subscribers', async () => {
    await using terminal = new Terminal(evi, words())
    await terminal.shows(question)
    opensips.memory.close()
    terminal.type(enter)
    await terminal.shows('E_PIKE_BLOCKED has no subscriber in OpenSIPS')
    expect(await terminal.ended()).toBe(4)
    expect(await client.take(queue)).toEqual([])
  })

  test.for([
    ['http', 'refuses the connection'],
    ['fifo', 'has no FIFO'],
    ['udp', 'has nothing on that port'],
    ['unix', 'has no socket'],
  ] as const)(
    'ends with 69 where OpenSIPS has ended during the question, and says by %s that it got no request',
    async ([transport, reason]) => {
      const url = opensips.urls[transport]
      // So wide that a long path breaks no sentence.
      const wide = { COLUMNS: '1000' }
      await using terminal = new Terminal(evi, ['raise', 'E_PIKE_BLOCKED', '--opensips', url], wide)
      await terminal.shows(question)
      await opensips.close()
      terminal.type(enter)
      await terminal.shows(reason)
      await terminal.shows(/It got no request:\s+the event was not\s+raised\./)
      expect(await terminal.ended()).toBe(69)
      expect(terminal.text).not.toContain('may have raised')
      expect(await client.take(queue)).toEqual([])
      await startOpenSips()
    },
  )
})

describe('the wizard', () => {
  const address = `${testBroker.host}:${testBroker.port}`

  /** Answers up to the question whether to subscribe OpenSIPS. */
  async function setUp(terminal: Terminal, queue: string): Promise<void> {
    await terminal.answer('Which broker?', 'RabbitMQ e', enter)
    await terminal.answer('Host', address, enter)
    await terminal.answer('User', enter)
    await terminal.answer('Vhost', enter)
    await terminal.answer('Exchange', enter)
    await terminal.answer('Queue', queue, enter)
    await terminal.answer('Time until it expires', enter)
    await terminal.answer(`It stays in the queue "${queue}"`, enter)
  }

  const subscribers = async () =>
    JSON.stringify(await opensips.memory.answer('subscribers_list', { event: 'E_PIKE_BLOCKED' }))

  test('subscribes a running OpenSIPS after Enter, and prints the line for opensips.cfg', async () => {
    const queue = await client.queue(`q-${randomUUID()}`)
    await using terminal = new Terminal(evi, ['setup', 'E_PIKE_BLOCKED', '--opensips', opensips.urls.http])
    await setUp(terminal, queue)
    await terminal.answer(`Subscribe the OpenSIPS at ${opensips.urls.http} to E_PIKE_BLOCKED, too?`, enter)
    await terminal.shows('OpenSIPS 4.0.1 sends E_PIKE_BLOCKED there now.')
    await terminal.shows(`subscribe_event("E_PIKE_BLOCKED", "${printedAddress}/${queue}");`)
    expect(await terminal.ended()).toBe(0)
    expect(await subscribers()).toContain(`rabbitmq:guest@127.0.0.1/${queue}`)
  })

  test('leaves OpenSIPS as it is after a no', async () => {
    await using terminal = new Terminal(evi, ['setup', 'E_PIKE_BLOCKED', '--opensips', opensips.urls.http])
    await setUp(terminal, await client.queue())
    await terminal.answer('Subscribe the OpenSIPS', 'no', enter)
    await terminal.shows('subscribe_event("E_PIKE_BLOCKED"')
    expect(await terminal.ended()).toBe(0)
    expect(await subscribers()).not.toContain('rabbitmq')
  })
})
