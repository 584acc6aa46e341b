import { expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({ management: true })

useEvi()

const subscribe = async (event: string, route: string, login = 'guest:guest') =>
  await evi.run(['subscribe', event, `rabbitmq:${login}@${own.broker.host}:${own.broker.port}/${route}`])

test('from the store alone no broker is asked', async () => {
  await evi.run(['subscribe', 'E_A', 'rabbitmq:s3cret:s3cret@nowhere.invalid/amq.topic?sip'])
  const map = await evi.run(['map'])
  expect(map).toMatchObject({ code: 0, stderr: '' })
  expect(map.stdout).toBe(
    [
      'E_A',
      '└─ rabbitmq:s3cret@nowhere.invalid:5672/amq.topic?sip',
      '   └─ broker nowhere.invalid:5672, vhost /',
      '      └─ "sip" → exchange amq.topic',
      '',
    ].join('\n'),
  )
})

test('with the management API it goes through exchanges and bindings to the consumers, and marks the cuts', async () => {
  const [queue, exchange] = [await own.client.queue(), await own.client.exchange('fanout')]
  await own.client.channel.bindExchange(exchange, 'amq.topic', 'sip.#')
  await own.client.channel.bindQueue(queue, exchange, '')
  await own.client.channel.consume(queue, () => {})
  await subscribe('E_A', 'amq.topic?sip.pike')
  await subscribe('E_A', `${queue}`)
  await subscribe('E_B', 'none')
  await subscribe('E_C', 'amq.topic?sip.pike', 'guest:wrong')
  const map = await evi.run(['map', '--management', String(own.broker.managementUrl)])
  expect(map).toMatchObject({ code: 0, stderr: '' })
  const at = `rabbitmq:guest@${own.broker.host}:${own.broker.port}`
  const version = `✔ broker ${own.broker.host}:${own.broker.port}, vhost /  RabbitMQ ${own.broker.version}`
  expect(map.stdout).toBe(
    [
      'E_A',
      `└─ ${version}`,
      `   ├─ ✔ ${at}/amq.topic?sip.pike`,
      '   │  └─ ✔ "sip.pike" → exchange amq.topic  topic',
      `   │     └─ ✔ "sip.#" → exchange ${exchange}`,
      `   │        └─ ✔ "" → queue ${queue}  0 messages`,
      '   │           └─ ✔ 1 consumer',
      `   └─ ✔ ${at}/${queue}`,
      `      └─ ✔ queue ${queue}  0 messages`,
      '         └─ ✔ 1 consumer',
      'E_B',
      `└─ ✖ ${at}/none`,
      `   └─ ${version}`,
      '      └─ ✖ queue none  There is no queue "none" in the vhost "/". The broker says: "NOT_FOUND - no queue \'none\' in vhost \'/\'".',
      'E_C',
      `└─ ✖ ${at}/amq.topic?sip.pike`,
      `   └─ ✖ broker ${own.broker.host}:${own.broker.port}, vhost /  The login of the user "guest" was refused. The broker says: "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile."`,
      '',
    ].join('\n'),
  )
  const one = await evi.run(['map', 'E_B', '--check', '--format', 'mermaid'])
  expect(one.stdout).toMatch(/^flowchart LR\n {2}n0\["E_B"\]\n/)
  expect(one.stdout).not.toContain('E_A')
})

test('what could not be looked at is no cut, and the exit code says so', async () => {
  await subscribe('E_A', 'amq.topic?sip.pike')
  const map = await evi.run(['map', '--management', `http://127.0.0.1:${await closedPort()}`])
  expect(map.code).toBe(69)
  expect(map.stdout).toMatch(
    /─ \? rabbitmq:.+\n.+\n.+─ \? "sip.pike" → exchange amq.topic {2}The management API/,
  )
})

test('an empty store is reported, and is an empty document', async () => {
  expect(await evi.run(['map'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('evi subscribe'),
  })
  expect(await evi.json('map')).toEqual({ events: [] })
  expect(await evi.run(['map', '--format', 'png'])).toMatchObject({ code: 64, stdout: '' })
})
