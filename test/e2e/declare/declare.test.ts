import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { addUser, pasteAdvice } from '../../helpers/brokers/users.ts'
import type { Ended } from '../../helpers/evi/evi.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

const own = ownBroker({ plugins: ['rabbitmq_consistent_hash_exchange', 'rabbitmq_jms_topic_exchange'] })
beforeAll(async () => {
  await addUser(own.broker, 'alice', 's3cret!')
})

let name: string
useEvi()
beforeEach(() => {
  name = `d-${randomUUID()}`
})

const declare = (...words: string[]) => evi.run(['declare', ...words])
const at = (route: string, login = 'guest:guest') =>
  `rabbitmq:${login}@${own.broker.host}:${own.broker.port}/${route}`
const queues = async () => await own.broker.rabbitmqctl('-q', 'list_queues', 'name', 'type', 'durable')

test('the missing queue is made durable, of the type asked for, and is then left as it is', async () => {
  expect(await declare(at(name), '--type', 'quorum', '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`✔ queue ${name}, quorum: made`),
    stderr: '',
  })
  expect(await queues()).toContain(`${name}\tquorum\ttrue`)
  expect(await declare(at(name))).toMatchObject({ code: 0, stdout: expect.stringContaining('exists') })
  expect(await evi.run(['raise', 'E_X', '--sync', '-s', at(name)])).toMatchObject({ code: 0 })
})

test.for([['amq.missing'], ['amq.missing?k']])(
  'raise and declare do not advise to declare what RabbitMQ reserves, as %s',
  async ([route]) => {
    for (const words of [
      ['raise', 'E_X', '-s'],
      ['declare', '--yes'],
    ]) {
      const { code, stdout, stderr } = await evi.run([...words, at(route as string)])
      expect(code).not.toBe(0)
      expect(stdout + stderr).toMatch(/RabbitMQ reserves names/)
      expect(stdout + stderr).not.toMatch(/: evi declare/)
    }
  },
)

test('an existing queue that differs in what was not asked for stays as it is', async () => {
  const queue = await own.client.queue()
  expect(await declare(at(queue), '--type', 'classic', '--yes')).toMatchObject({ code: 0 })
  const { code, stdout } = await declare(at(queue), '--type', 'stream', '--yes')
  expect({ code, stdout }).toEqual({
    code: 76,
    stdout: expect.stringMatching(/is of the type classic, not stream/),
  })
})

test('queue and binding of a named exchange are made, and an event arrives', async () => {
  const socket = at(`amq.topic?${name}.pike`)
  expect(await evi.run(['raise', 'E_X', '--sync', '-s', socket])).toMatchObject({ code: 5 })
  expect(await declare(socket, '--queue', name, '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /· exchange amq.topic: exists\n {2}✔ queue .*: made\n {2}✔ binding .*: bound\n/,
    ),
  })
  expect(await evi.run(['raise', 'E_X', '--sync', '-s', socket])).toMatchObject({ code: 0 })
  expect(await own.client.take(name)).toHaveLength(1)
})

test('a headers exchange is bound by typed headers, which raise sends as such', async () => {
  const socket = at('amq.headers?')
  await declare(socket, '--queue', name, '--yes', '--header', `${name}:=5`)
  const raise = (...headers: string[]) =>
    evi.run(['raise', 'E_X', '--sync', '-s', socket, ...headers.flatMap((one) => ['--header', one])])
  expect(await raise(`${name}=5`)).toMatchObject({ code: 5 })
  expect(await raise(`${name}:=5`, 'o:={"a":[1,true,null,"x",1.5]}')).toMatchObject({ code: 0 })
  const [message] = await own.client.take(name)
  expect(message?.properties.headers).toEqual({ [name]: 5, o: { a: [1, true, null, 'x', 1.5] } })
})

test.each(['x-consistent-hash', 'x-jms-topic'])(
  'an exchange of the type %s is bound as RabbitMQ demands it, and an event arrives',
  async (type) => {
    await own.client.channel.assertExchange(name, type, { autoDelete: true })
    const socket = at(`${name}?k`)
    expect(await declare(socket, '--queue', name, '--yes')).toMatchObject({ code: 0 })
    expect(await evi.run(['raise', 'E_X', '--sync', '-s', socket])).toMatchObject({ code: 0 })
    expect(await own.client.take(name)).toHaveLength(1)
  },
)

test('a missing exchange is made only where its type is named', async () => {
  const socket = at(`${name}?k`)
  const refused = await declare(socket, '--yes', '--queue', name)
  expect(refused).toMatchObject({ code: 76, stdout: expect.stringContaining('--exchange-type topic') })
  expect(await declare(socket, '--yes', '--queue', name, '--exchange-type', 'topic')).toMatchObject({
    code: 0,
  })
  expect(await own.broker.rabbitmqctl('-q', 'list_exchanges', 'name', 'type')).toContain(`${name}\ttopic`)
  expect(await declare(socket, '--yes', '--queue', name, '--exchange-type', 'fanout')).toMatchObject({
    code: 76,
    stdout: expect.stringMatching(/inequivalent arg 'type'.*current is 'topic'/),
  })
})

test('without a terminal and --yes nothing is made, and the flag is named', async () => {
  expect(await declare(at(name))).toMatchObject({
    code: 64,
    stdout: '',
    stderr: expect.stringMatching(`evi declare ${at(name, 'guest')} --yes\n$`),
  })
  expect(await queues()).not.toContain(name)
})

test('on a terminal it shows what is missing and asks; no makes nothing', async () => {
  await using asked = new Terminal(evi, ['declare', at(name)])
  await asked.answer('Declare this?', 'n', keys.enter)
  expect(await asked.ended()).toBe(130)
  expect(await queues()).not.toContain(name)
  await using again = new Terminal(evi, ['declare', at(name)])
  await again.answer('Declare this?', keys.enter)
  expect(await again.ended()).toBe(0)
  expect(await queues()).toContain(name)
})

test('a socket as it is printed has the password of the store, and an event stands for its subscribers', async () => {
  await evi.run(['subscribe', 'E_D', at(name, 'alice:s3cret!')])
  expect(await declare(at(name, 'alice'), '--yes')).toMatchObject({ code: 0 })
  const other = `${name}-2`
  await evi.run(['subscribe', 'E_D', at(other, 'alice:s3cret!')])
  const { code, stdout, stderr } = await declare('E_D', '--yes', '--json')
  expect({ code, results: JSON.parse(stdout).results }).toMatchObject({
    code: 0,
    results: [{ declared: [{ outcome: 'exists' }] }, { declared: [{ name: other, outcome: 'made' }] }],
  })
  expect(stdout + stderr).not.toContain('s3cret')
})

test('a user without the permission is shown the least one that serves', async () => {
  const bob = `bob-${name}`
  await addUser(own.broker, bob, 'pw', ['^$', '^$', '^$'])
  for (const socket of [at(name, `${bob}:pw`), at(`amq.topic?${name}`, `${bob}:pw`)]) {
    const refused = await declare(socket, '--yes')
    expect(refused).toMatchObject({ code: 77, stdout: expect.stringContaining(`refused for user '${bob}'`) })
    await pasteAdvice(own.broker, refused.stdout)
    expect(await declare(socket, '--yes')).toMatchObject({ code: 0 })
    expect(await evi.run(['raise', 'E_X', '--sync', '-s', socket])).toMatchObject({ code: 0 })
  }
})

/** The commands that evi's hints name, as they are pasted behind `evi`. */
const hintsOf = ({ stdout, stderr }: Ended) =>
  [...`${stdout}${stderr}`.matchAll(/: evi (declare .*)$/gm)].map(([, words = '']) => words)

test("evi's own hints for a missing queue and a missing binding can be pasted", async () => {
  await evi.run(['subscribe', 'E_P', at(name, 'alice:s3cret!')])
  await evi.run(['subscribe', 'E_P', at(`amq.topic?${name}.k`, 'alice:s3cret!')])
  const raised = await evi.run(['raise', 'E_P', '--sync'])
  const hints = hintsOf(raised)
  expect({ code: raised.code, hints: hints.length }).toEqual({ code: 5, hints: 2 })
  for (const hint of hints) {
    await using terminal = new Terminal(evi, [hint])
    await terminal.answer('Declare this?', keys.enter)
    expect(await terminal.ended()).toBe(0)
  }
  expect(await evi.run(['raise', 'E_P', '--sync'])).toMatchObject({ code: 0 })
})

test('the hint for a socket that is not stored asks for the password', async () => {
  const raised = await evi.run(['raise', 'E_P', '--sync', '-s', at(name, 'alice:s3cret!')])
  await using terminal = new Terminal(evi, hintsOf(raised))
  await terminal.answer('Password', 's3cret!', keys.enter)
  await terminal.answer('Declare this?', keys.enter)
  expect(await terminal.ended()).toBe(0)
  expect(await queues()).toContain(name)
})

test('the hint for a headers exchange binds by the headers of the event', async () => {
  await own.client.channel.assertExchange(name, 'headers', { autoDelete: true })
  const raise = (socket: string, kind: string) =>
    evi.run(['raise', 'E_H', '--sync', '-s', at(socket), '--header', `kind=${kind}`, '--header', 'n:=5'])
  const raised = await raise(`${name}?k`, "pike's")
  expect(raised.code).toBe(5)
  const [, byHeaders = ''] = hintsOf(raised)
  expect(byHeaders).toContain('n:=5')
  expect(await evi.shell(`evi ${byHeaders} --yes`)).toMatchObject({ code: 0 })
  expect(await raise(`${name}?k`, "pike's")).toMatchObject({ code: 0 })
  expect(await raise(`${name}?k`, 'cod')).toMatchObject({ code: 5 })
  const predeclared = await raise('amq.headers?', name)
  expect(hintsOf(predeclared)[0]).toContain(`amq.headers?' --queue QUEUE --header kind=${name} --header n:=5`)
})
