import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { brokerAddress, Client } from '../../helpers/brokers/client.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()

const store = () => join(evi.configDirectory, 'subscriptions.json')
const batch = (input: string, ...words: string[]) =>
  evi.run(['subscribe', '--batch', '-', ...words], { input })
const listed = async () =>
  (await evi.json<{ subscriptions: { event: string; socket: string; expire: number | null }[] }>('list'))
    .subscriptions

test('words and JSON are added in one write, in their order', async () => {
  const input = '\ufeff# two\r\nE_A rabbitmq:h/a 60\r\n\r\n{"event":"E_B","socket":"rabbitmq:h/b"}'
  expect(await batch(input)).toMatchObject({
    code: 0,
    stdout: '✔ 2 added, 0 renewed. Passwords: 2 defaulted.\n',
  })
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
  expect({ code, document: JSON.parse(stdout) }).toEqual({
    code: 0,
    document: { added: 1, renewed: 3, passwords: { kept: 3, changed: 0, given: 0, defaulted: 1 } },
  })
  expect((await listed()).map(({ expire }) => expire)).toEqual([null, 60, 7])
})

test('parameters that stand in the routing key are warned of in one line, and stored', async () => {
  const sentence = (key: string) =>
    `"${key}" is the routing key. Parameters stand before the "?": rabbitmq:HOST/vhost=NAME?KEY\n`
  const lines = ['E_A rabbitmq:h/x?vhost=v1', 'E_A rabbitmq:h/persistent', 'E_A rabbitmq:h/vhost=v?k']
  expect(await batch(lines.slice(1).join('\n'))).toMatchObject({
    code: 0,
    stderr: `! ${sentence('persistent')}`,
  })
  expect(await batch(lines.join('\n'))).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 added, 2 renewed.'),
    stderr: `! 2 sockets, the first: ${sentence('vhost=v1')}`,
  })
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

test('stored passwords stay as they are, except where a line names one or --set-passwords is given', async () => {
  const password = join(evi.configDirectory, 'pw')
  writeFileSync(password, 'new\n')
  await batch('E_A rabbitmq:alice:one@h/a\nE_B rabbitmq:bob:two@h/b\nE_C rabbitmq:guest@h/c\n')
  const passwords = () =>
    JSON.parse(readFileSync(store(), 'utf8')).subscriptions.map(
      ({ password }: { password?: string }) => password,
    )
  const before = passwords()
  const lines =
    'E_A rabbitmq:alice@h/a\nE_B rabbitmq:bob@h/b\nE_C rabbitmq:guest@h/c\nE_D rabbitmq:dora@h/d\n'
  const flags = ['--password-file', password]
  expect(await batch(lines, ...flags)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/1 added, 3 renewed\. Passwords: 3 kept, 1 given\.\n.* --set-passwords\n$/),
  })
  expect(passwords()).toEqual([...before, 'new'])
  expect(await batch('E_A rabbitmq:alice:three@h/a\n', ...flags)).toMatchObject({
    stdout: '✔ 0 added, 1 renewed. Passwords: 1 changed.\n',
  })
  expect(await batch(lines, ...flags, '--set-passwords')).toMatchObject({
    stdout: '✔ 0 added, 4 renewed. Passwords: 1 kept, 3 changed.\n',
  })
  expect(passwords()).toEqual(['new', 'new', 'new', 'new'])
})

test('bad lines are reported with their numbers, and nothing is stored', async () => {
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
  ['--set-passwords without a password', ['subscribe', '--batch', '-', '--set-passwords'], 64],
  ['--set-passwords without --batch', ['subscribe', 'E_X', 'rabbitmq:h/q', '--set-passwords'], 64],
  ['stdin for two', ['subscribe', '--batch', '-', '--password-file', '-'], 64],
  ['a file that is not there', ['subscribe', '--batch', '/nowhere/f'], 66],
])('%s', async (_, words, code) => {
  expect(await evi.run(words)).toMatchObject({ code })
})

test("a large store: each event's own subscribers are found, and damage anywhere too", async () => {
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
