import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { brokerAddress, Client } from '../helpers/client.ts'
import { Evi } from '../helpers/evi.ts'

let evi: Evi
beforeEach(() => {
  evi = new Evi()
})
afterEach(() => evi.dispose())

const store = () => join(evi.configDirectory, 'subscriptions.json')
const batch = (input: string, ...words: string[]) =>
  evi.run(['subscribe', '--batch', '-', ...words], { input })
const listed = async () =>
  (await evi.json<{ subscriptions: { event: string; socket: string; expire: number | null }[] }>('list'))
    .subscriptions

test('words and JSON are added in one write, in their order', async () => {
  const input = '\ufeff# two\r\nE_A rabbitmq:h/a 60\r\n\r\n{"event":"E_B","socket":"rabbitmq:h/b"}'
  expect(await batch(input)).toMatchObject({ code: 0, stderr: '✔ 2 added, 0 renewed.\n' })
  expect(await listed()).toMatchObject([
    { event: 'E_A', socket: 'rabbitmq:guest@h:5672/a', expire: 60 },
    { event: 'E_B', socket: 'rabbitmq:guest@h:5672/b', expire: null },
  ])
  expect(statSync(store()).mode & 0o777).toBe(0o600)
})

test('what list --json gives can be added elsewhere, and the same again is renewed', async () => {
  await batch('E_A rabbitmq:h/a\nE_A rabbitmq:h/x?a 60\n')
  const lines = (await listed()).map((subscription) => `${JSON.stringify(subscription)}\n`).join('')
  const { code, stdout } = await batch(`${lines}E_A rabbitmq:h/b\nE_A rabbitmq:h/b 7\n`, '--json')
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"added":1,"renewed":3}\n' })
  expect((await listed()).map(({ expire }) => expire)).toEqual([null, 60, 7])
})

test('--expire and a password are for the lines without', async () => {
  writeFileSync(join(evi.configDirectory, 'pw'), 'guest\n')
  const client = await Client.connect()
  const queue = await client.queue()
  const socket = `${brokerAddress.replace(':guest@', '@')}/${queue}`
  const words = ['--expire', '60', '--password-file', join(evi.configDirectory, 'pw')]
  expect(
    await batch(
      `E_A ${socket}\nE_B ${socket} 90\nE_C ${socket.replace('guest@', 'guest:wrong@')}\n`,
      ...words,
    ),
  ).toMatchObject({ code: 0 })
  expect((await listed()).map(({ expire }) => expire)).toEqual([60, 90, 60])
  expect(await evi.run(['raise', 'E_A', '--sync'])).toMatchObject({ code: 0 })
  expect(await evi.run(['raise', 'E_C', '--sync'])).toMatchObject({ code: 77 })
  await client.close()
})

test('bad lines are told with their numbers, and nothing is stored', async () => {
  await batch('E_A rabbitmq:h/a\n')
  const before = readFileSync(store())
  const { code, stderr } = await batch('E_B rabbitmq:h/b\nnonsense\nE_C rabbitmq:alice:s3cret@h\n')
  expect({ code, stderr }).toEqual({
    code: 65,
    stderr: expect.stringMatching(/line 2: Not of the form.*line 3: /s),
  })
  expect(stderr).not.toContain('s3cret')
  expect(readFileSync(store())).toEqual(before)
  const many = await batch('x\n'.repeat(50))
  expect(many.stderr).toMatch(/line 20: .*and 30 more/s)
})

test.each([
  ['an event beside it', ['subscribe', 'E_X', '--batch', '-'], 64],
  ['a part of a socket beside it', ['subscribe', '--batch', '-', '--host', 'h'], 64],
  ['--check beside it', ['subscribe', '--batch', '-', '--check'], 64],
  ['stdin for two', ['subscribe', '--batch', '-', '--password-file', '-'], 64],
  ['a file that is not there', ['subscribe', '--batch', '/nowhere/f'], 66],
])('%s', async (_, words, code) => {
  expect(await evi.run(words)).toMatchObject({ code })
})

test('a large store: each event’s own subscribers are found, and damage anywhere too', async () => {
  const client = await Client.connect()
  const queue = await client.queue()
  const others = Array.from({ length: 3000 }, (_, index) => `E_${index} rabbitmq:h/q${index}\n`).join('')
  await batch(`${others}E_X ${brokerAddress}/${queue}\nE_X rabbitmq:h/other 1000\n`)
  expect(await evi.json('list', 'E_X')).toMatchObject({
    subscriptions: [{ event: 'E_X' }, { event: 'E_X', expire: 1000 }],
  })
  expect(await evi.run(['unsubscribe', 'E_X', 'rabbitmq:h/other'])).toMatchObject({ code: 0 })
  expect(await evi.run(['raise', 'E_X', '--sync'])).toMatchObject({ code: 0 })
  expect(await client.take(queue)).toHaveLength(1)
  expect(await evi.run(['raise', 'E_NOBODY'])).toMatchObject({ code: 4 })

  const text = readFileSync(store(), 'utf8')
  writeFileSync(store(), text.replace('"E_7"', '"E_SEVEN"'))
  expect(await evi.json('list', 'E_SEVEN')).toMatchObject({ subscriptions: [{ event: 'E_SEVEN' }] })
  writeFileSync(store(), text.slice(0, -100))
  expect(await evi.run(['raise', 'E_X', '--sync'])).toMatchObject({ code: 78 })
  await client.close()
})
