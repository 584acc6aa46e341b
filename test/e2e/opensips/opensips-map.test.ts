import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { brokerAddress, printedAddress } from '../../helpers/brokers/client.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { opensips, startOpenSips, useOpenSips } from '../../helpers/opensips/fixture.ts'
import { Terminal } from '../../helpers/terminal/terminal.ts'

useOpenSips()
useEvi()

const newForm = (key: string) => `${brokerAddress}/exchange=amq.topic?${key}`

describe('evi map --opensips', () => {
  test('draws OpenSIPS as the root, and what only it and only evi has', async () => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', newForm('both'))
    opensips.memory.subscribe('E_PIKE_BLOCKED', newForm('there'))
    opensips.memory.subscribe('E_PIKE_BLOCKED', 'udp:127.0.0.1:8081')
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/amq.topic?both`])
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/amq.topic?here`])
    const { code, stdout } = await evi.run(['map', '--opensips', opensips.urls.http])
    expect(stdout).toMatch(/^OpenSIPS 4\.0\.1 at http:.*\n└─ E_PIKE_BLOCKED\n/)
    expect(stdout).toMatch(/udp:127\.0\.0\.1:8081 {2}not a rabbitmq socket\n/)
    expect(stdout).toContain('! rabbitmq:guest@127.0.0.1/amq.topic?there  only in OpenSIPS\n')
    expect(stdout).toMatch(/─ rabbitmq:\S+\/amq\.topic\?both\n/)
    expect(stdout).toMatch(/\nE_PIKE_BLOCKED\n└─ ! rabbitmq:\S+\/amq\.topic\?here {2}only in evi\n/)
    expect(code).toBe(0)
    const mermaid = await evi.run(['map', '--opensips', opensips.urls.http, '--format', 'mermaid'])
    expect(mermaid.stdout).toContain('only in OpenSIPS')
  })

  test('draws what OpenSIPS has for an evi without subscriptions', async () => {
    opensips.memory.subscribe('E_PIKE_BLOCKED', newForm('there'))
    const { code, stdout, stderr } = await evi.run(['map', '--opensips', opensips.urls.fifo])
    expect(stdout).toContain('only in OpenSIPS')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('draws what evi has where OpenSIPS is not reached, and ends with 69', async () => {
    await evi.run(['subscribe', 'E_PIKE_BLOCKED', `${brokerAddress}/amq.topic?here`])
    const { code, stdout } = await evi.run(['map', '--opensips', 'fifo:/nowhere/opensips_fifo'])
    expect(stdout).toMatch(/^OpenSIPS at fifo:\/nowhere\/opensips_fifo {2}.*has no FIFO/)
    expect(stdout).toContain('amq.topic?here')
    expect(code).toBe(69)
  })
})

describe('evi import --opensips', () => {
  test('takes over what OpenSIPS has, with its port, and warns of the rest', async () => {
    const key = `k-${randomUUID()}`
    await evi.run(['subscribe', 'E_OTHER', `${brokerAddress}/other`])
    opensips.memory.subscribe('E_PIKE_BLOCKED', newForm(key))
    opensips.memory.subscribe('E_PIKE_BLOCKED', 'rabbitmq:alice:s3cret@nowhere.example:5671/far')
    opensips.memory.subscribe('E_PIKE_BLOCKED', 'rabbitmq:alice:s3cret@nowhere.example:7777/unknown')
    opensips.memory.subscribe('E_PIKE_BLOCKED', 'udp:127.0.0.1:8081')
    const { code, stdout, stderr } = await evi.run(['import', '--opensips', opensips.urls.http])
    expect(stdout).toContain(`${printedAddress}/amq.topic?${key}`)
    expect(stdout).toContain('rabbitmq:alice@nowhere.example:5671/far')
    expect(stderr).toMatch(/does not print the port of rabbitmq:alice@nowhere\.example\/unknown/)
    expect(stderr).toMatch(/udp:127\.0\.0\.1:8081, which is not evi's/)
    expect(stdout + stderr).not.toContain('s3cret')
    expect(code).toBe(3)
    const { subscriptions } = await evi.json<{ subscriptions: { event: string; socket: string }[] }>(
      'list',
      'E_PIKE_BLOCKED',
    )
    expect(subscriptions.map(({ socket }) => socket).sort()).toEqual([
      'rabbitmq:alice@nowhere.example:5671/far',
      `${printedAddress}/amq.topic?${key}`,
    ])
  })

  test('takes over 2,000 subscribers, and shows on a terminal how far it is', async () => {
    for (let at = 0; at < 2000; at++)
      opensips.memory.subscribe('E_PIKE_BLOCKED', `rabbitmq:h${at % 7}:${5672 - (at % 2)}/k${at}`)
    await using terminal = new Terminal(evi, ['import', '--opensips', opensips.urls.http])
    await terminal.shows(/% .*of 2,000 subscribers asked for/)
    await terminal.shows('2,000 added, 0 renewed')
    expect(await terminal.ended()).toBe(0)
    const { subscriptions } = await evi.json<{ subscriptions: { socket: string }[] }>('list')
    const expected = Array.from(
      { length: 2000 },
      (_, at) => `rabbitmq:guest@h${at % 7}:${5672 - (at % 2)}/k${at}`,
    )
    expect(subscriptions.map(({ socket }) => socket).sort()).toEqual(expected.sort())
  })

  test('finds two that print alike, by their ports', async () => {
    await evi.run(['subscribe', 'E_OTHER', 'rabbitmq:elsewhere:7777/other'])
    for (const port of [5672, 7777])
      opensips.memory.subscribe('E_PIKE_BLOCKED', `rabbitmq:127.0.0.1:${port}/alike`)
    const { code, stdout } = await evi.run(['import', '--opensips', opensips.urls.udp])
    expect(stdout).toContain('rabbitmq:guest@127.0.0.1:5672/alike')
    expect(stdout).toContain('rabbitmq:guest@127.0.0.1:7777/alike')
    expect(code).toBe(0)
  })

  test('finds in 3.4 the subscriber without a user beside the one that names guest', async () => {
    await opensips.close()
    await startOpenSips({ version: '3.4.18' })
    opensips.memory.subscribe('E_PIKE_BLOCKED', 'rabbitmq:127.0.0.1/unnamed')
    opensips.memory.subscribe('E_PIKE_BLOCKED', 'rabbitmq:guest@127.0.0.1/named')
    const { code, stdout } = await evi.run(['import', '--opensips', opensips.urls.http])
    expect(stdout).toContain('rabbitmq:guest@127.0.0.1:5672/unnamed')
    expect(stdout).toContain('rabbitmq:guest@127.0.0.1:5672/named')
    expect(code).toBe(0)
  })

  test('wants a FILE or the address of an OpenSIPS, and not both', async () => {
    expect((await evi.run(['import'])).code).toBe(64)
    expect((await evi.run(['import', 'opensips.cfg', '--opensips', opensips.urls.http])).code).toBe(64)
  })
})
