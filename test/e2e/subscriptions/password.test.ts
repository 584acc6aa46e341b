import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

const own = ownBroker({ management: false })
const [before, after] = ['old@secret', 'new:secret/']
beforeAll(async () => {
  for (const user of ['alice', 'bob']) {
    await addUser(own.broker, user, after)
  }
})

useEvi()

const host = () => `${own.broker.host}:${own.broker.port}`
const socket = (user: string, key: string) => `rabbitmq:${user}@${host()}/${key}`
const store = () => readFileSync(join(evi.configDirectory, 'subscriptions.json'), 'utf8')
const file = (content: string) => {
  const path = join(evi.configDirectory, 'password')
  writeFileSync(path, content)
  return path
}
const subscribe = async (lines: readonly string[]) =>
  await evi.run(['subscribe', '--batch', '-', '--password-file', file(before)], { input: lines.join('\n') })
const change = async (...words: string[]) =>
  await evi.run(['password', ...words, '--password-file', file(after)])

test('evi password changes all that fit the user and the host in one write, and shows which', async () => {
  const many = Array.from({ length: 40 }, (_, number) => `E_${number % 3} ${socket('alice', `q${number}`)}`)
  await subscribe([...many, `E_0 ${socket('bob', 'q')}`, 'E_0 rabbitmq:alice@elsewhere.example/q'])
  const ended = await change('--user', 'alice', '--host', host())
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(ended.stdout).toContain(`✔ ${socket('alice', 'q0')}  E_0\n`)
  expect(ended.stdout).toMatch(/^Tried with 1 login: 40 changed, 0 had it already\.$/m)
  expect(ended.stdout).not.toMatch(/bob|elsewhere|secret/)
  expect(store().split(after).length - 1).toBe(40)
  expect(store().split(before).length - 1).toBe(2)
  expect(await evi.run(['raise', 'E_1', '--dry-run'])).toMatchObject({ code: 0 })
  expect((await change('--user', 'alice', '--host', own.broker.host)).stdout).toContain(
    '0 changed, 40 had it already',
  )
})

test('evi password takes only the subscriptions of the event that it names', async () => {
  await subscribe([`E_A ${socket('alice', 'q')}`, `E_B ${socket('alice', 'q')}`])
  const { stdout } = await evi.run(['password', 'E_B', '--json', '--password-file', file(after)])
  expect(JSON.parse(stdout)).toEqual({
    logins: [{ login: `rabbitmq:alice@${host()}, vhost /`, ok: true, code: null, reason: null, hint: null }],
    changed: [{ event: 'E_B', socket: socket('alice', 'q') }],
    kept: 0,
  })
})

test('evi password changes nothing where one login with the new password fails, and says which', async () => {
  await subscribe([
    `E_A ${socket('alice', 'q')}`,
    `E_A ${socket('carol', 'q')}`,
    `E_A rabbitmq:alice@127.0.0.1:${await closedPort()}/q`,
  ])
  const stored = store()
  const refused = await change('E_A', '--host', host())
  expect(refused).toMatchObject({ code: 77, stderr: '' })
  expect(refused.stdout).toMatch(/^✖ rabbitmq:carol@.*, vhost \/ {2}refused\n[\s\S]*Nothing was changed\.\n$/)
  expect(await change('--user', 'alice')).toMatchObject({ code: 69 })
  expect(store()).toBe(stored)
  expect((await change('--user', 'alice', '--no-check')).stdout).toContain('Not tried: 2 changed')
  expect(store()).not.toBe(stored)
})

test('evi password refuses what fits no subscription, and an unchecked password for all', async () => {
  expect(await change('--user', 'alice')).toMatchObject({ code: 4 })
  await subscribe([`E_A ${socket('alice', 'q')}`])
  for (const words of [['--user', 'absent'], ['--host', 'elsewhere'], ['E_B']])
    expect(await change(...words)).toMatchObject({ code: 4 })
  expect(await change('--no-check')).toMatchObject({ code: 64 })
  expect(await evi.run(['password', '--user', 'alice'])).toMatchObject({ code: 64 })
})

test('evi password stores a variable as a reference', async () => {
  await subscribe([`E_A ${socket('alice', 'q')}`])
  const words = ['password', '--user', 'alice', '--password-env', 'ALICE']
  expect(await evi.run(words, { environment: { ALICE: after } })).toMatchObject({ code: 0 })
  expect(store()).toContain('"passwordEnv":"ALICE"')
  expect(store()).not.toContain(after)
})

test('evi password shows on a terminal whose password it asks for', async () => {
  await subscribe([`E_A ${socket('alice', 'q')}`])
  await using terminal = new Terminal(evi, ['password', '--user', 'alice'])
  await terminal.shows(`A new password for:`)
  await terminal.shows('E_A')
  await terminal.answer('Password', after, keys.enter)
  await terminal.shows('1 changed')
  expect(await terminal.ended()).toBe(0)
  expect(terminal.text).not.toContain(after)
})

test('a batch changes no password that its lines do not name, and counts what it kept, changed and defaulted', async () => {
  await subscribe([`E_A ${socket('alice', 'q')}`])
  const lines = [`E_A ${socket('alice', 'q')}`, `E_B ${socket('bob', 'q')}`, `E_A rabbitmq:guest@${host()}/q`]
  const kept = await evi.run(['subscribe', '--batch', '-'], { input: lines.join('\n') })
  expect(kept.stdout).toContain('Passwords: 1 kept, 2 defaulted.')
  expect(store()).toContain(before)
  const named = `E_A ${socket(`alice:${encodeURIComponent(after)}`, 'q')}`
  expect((await evi.run(['subscribe', '--batch', '-'], { input: named })).stdout).toContain(
    'Passwords: 1 changed.',
  )
})
