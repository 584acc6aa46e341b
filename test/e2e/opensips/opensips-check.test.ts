import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { brokerAddress, printedAddress } from '../../helpers/brokers/client.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import { opensips, startOpenSips, useOpenSips } from '../../helpers/opensips/fixture.ts'

let queue: string
useClient()
beforeAll(async () => {
  queue = await client.queue()
})
useOpenSips()
useEvi()

interface Step {
  readonly step: string
  readonly status: string
  readonly found: string | null
  readonly reason: string | null
  readonly hint: string | null
}

interface Side {
  readonly opensips: {
    readonly version: string | null
    readonly steps: Step[]
    readonly checks: { steps: Step[] }[]
  }
}

/** OpenSIPS's side of the report. */
async function check(
  ...words: string[]
): Promise<{ code: number | null; side: Side['opensips']; steps: Step[] }> {
  const { code, stdout } = await evi.run(['check', ...words, '--json'])
  const { opensips: side } = JSON.parse(stdout) as Side
  return { code, side, steps: side.checks.flatMap(({ steps }) => steps) }
}

describe('evi check --opensips', () => {
  test('shows the way from OpenSIPS to the queue', async () => {
    const socket = `${brokerAddress}/${queue}`
    opensips.memory.subscribe('E_PIKE_BLOCKED', socket)
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', socket])
    const { code, stdout } = await evi.run(['check', '--opensips', opensips.urls.http])
    expect(stdout).toMatch(/✔ reached +[\d.]+ ms +OpenSIPS 4\.0\.1/)
    expect(stdout).toMatch(/✔ event +registered\n/)
    expect(stdout).toContain(`✔ subscribed  rabbitmq:guest@127.0.0.1/${queue}\n`)
    expect(stdout).toContain(`✔ form        ${printedAddress}/${queue}\n`)
    expect(stdout).toMatch(/\? channel +Only the management API shows it\./)
    expect(code).toBe(0)
  })

  test('takes the address from EVI_OPENSIPS, too', async () => {
    const environment = { EVI_OPENSIPS: opensips.urls.udp }
    const { stdout } = await evi.run(['check', '--socket', `${brokerAddress}/${queue}`], { environment })
    expect(stdout).toMatch(/✔ reached +[\d.]+ ms +OpenSIPS 4\.0\.1/)
  })

  test('says that OpenSIPS does not send the event there, and to whom it does', async () => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', `${brokerAddress}/another`)
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/${queue}`])
    const { code, steps } = await check('--opensips', opensips.urls.http)
    expect(steps.at(-2)).toMatchObject({
      step: 'subscribed',
      status: 'failed',
      reason: 'OpenSIPS does not send E_PIKE_BLOCKED there, but to rabbitmq:guest@127.0.0.1/another.',
      hint: expect.stringContaining('evi export E_PIKE_BLOCKED'),
    })
    expect(code).toBe(4)
  })

  test('keeps apart a subscriber with another port, which OpenSIPS prints alike', async () => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', `rabbitmq:127.0.0.1:1/${queue}`)
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/${queue}`])
    const { code, steps } = await check('--opensips', opensips.urls.http)
    expect(steps[1]).toMatchObject({ status: 'failed', reason: expect.stringContaining('with another port') })
    expect(code).toBe(4)
  })

  test('says that OpenSIPS does not know the event', async () => {
    await evi.run(['subscribe', 'E_UNKNOWN_THERE', `${brokerAddress}/${queue}`])
    const { code, steps } = await check('--opensips', opensips.urls.http)
    expect(steps).toMatchObject([
      { step: 'event', status: 'failed', reason: /does not know the event/.source && expect.any(String) },
    ])
    expect(code).toBe(4)
  })

  test('names the form that 3.2 and later read', async () => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', `${brokerAddress}/exchange=amq.topic?a.b`)
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/amq.topic?a.b`])
    const { steps } = await check('--opensips', opensips.urls.http)
    expect(steps[1]).toMatchObject({ status: 'passed', found: 'rabbitmq:guest@127.0.0.1/amq.topic?a.b' })
    expect(steps[2]).toMatchObject({ status: 'passed', found: `${printedAddress}/exchange=amq.topic?a.b` })
  })

  test.for([
    ['vhost=v?k', 'failed', /cannot take the socket.*vhost/],
    ['persistent?k', 'warning', /lose every event/],
  ] as const)('judges the socket %s for 4.0', async ([route, status, reason]) => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', `${brokerAddress}/k`)
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/${route}`])
    const { steps } = await check('--opensips', opensips.urls.http)
    expect(steps.find(({ step }) => step === 'form')).toMatchObject({
      status,
      reason: expect.stringMatching(reason),
    })
  })

  test('goes on with the brokers where OpenSIPS is not reached, and ends with 69', async () => {
    await opensips.close()
    const url = opensips.urls.http.replace('http://', 'http://admin:s3cret@')
    const { code, stdout } = await evi.run([
      'check',
      '--socket',
      `${brokerAddress}/${queue}`,
      '--opensips',
      url,
    ])
    expect(stdout).toMatch(/✖ reached +.*refuses the connection/)
    expect(stdout).toMatch(/✔ rabbitmq:/)
    expect(stdout).toMatch(/1 socket: .+; on OpenSIPS's side: 1 broken\n$/)
    expect(stdout).not.toContain('s3cret')
    expect(code).toBe(69)
    await startOpenSips()
  })
})

describe('evi check --opensips --management', () => {
  const own = ownBroker({ management: true })

  test('names a deaf OpenSIPS and how to cut it, as raise does, and a connection that is cut and not yet gone', async () => {
    const exchange = `x-${randomUUID()}`
    const address = `rabbitmq:guest:guest@127.0.0.1:${own.broker.port}`
    opensips.memory.subscribe('E_PIKE_BLOCKED', `${address}/exchange=${exchange}?k`)
    await opensips.memory.goDeaf('E_PIKE_BLOCKED')
    await own.client.channel.assertExchange(exchange, 'topic')
    await own.client.channel.bindQueue(await own.client.queue(), exchange, 'k')
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${address}/${exchange}?k`])
    const words = ['--opensips', opensips.urls.http, '--management', String(own.broker.managementUrl)]
    const channel = async () => (await check(...words)).steps.at(-1)
    await expect.poll(channel).toMatchObject({
      step: 'channel',
      status: 'failed',
      reason: expect.stringMatching(/it is deaf/),
      hint: expect.stringMatching(/rabbitmqctl close_connection/),
    })
    expect((await check(...words)).code).toBe(76)

    const { stdout } = await evi.run(['raise', 'E_PIKE_BLOCKED', ...words, '--reply-timeout', '1000'])
    expect(stdout).toMatch(/lost\n.*OpenSIPS said OK twice, .*it is deaf.*\n.*rabbitmqctl close_connection/)

    const api = `${own.broker.managementUrl}/api`
    const headers = { authorization: `Basic ${btoa('guest:guest')}` }
    const channels = (await (await fetch(`${api}/channels`, { headers })).json()) as {
      state: string
      connection_details: { name: string }
    }[]
    const deaf = channels.find(({ state }) => state === 'closing')?.connection_details.name ?? ''
    await fetch(`${api}/connections/${encodeURIComponent(deaf)}`, { method: 'DELETE', headers })
    // The broker waits 30 s for a close-ok, which the stand-in never sends.
    await expect.poll(channel).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/has closed a connection of a rabbitmq-c client/),
      hint: expect.stringMatching(/half a minute/),
    })
  })
})
