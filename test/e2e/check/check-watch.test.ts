import { expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

const own = ownBroker({})

useEvi()

test('evi check --watch draws each look in place, and ends at Ctrl-C with the exit code of the last one', async () => {
  const name = `watched-${process.pid}`
  await evi.run(['subscribe', 'E_A', `${own.address}/${name}`])
  await using terminal = new Terminal(evi, ['check', '--watch', '0.2'])
  await terminal.shows('1 subscription: broken')
  await own.client.channel.assertQueue(name, { exclusive: true })
  await own.client.channel.consume(name, () => {})
  await terminal.shows('1 subscription: not fully checked')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own
  expect(terminal.raw).toMatch(/\x1b\[\d+A\r\x1b\[J/)
  terminal.type(keys.interrupt)
  expect(await terminal.ended()).toBe(0)
})

test('evi check --watch on 20 columns shows the beginning and the whole summary', async () => {
  await evi.run(['subscribe', 'E_A', `${own.address}/gone`])
  await evi.run(['subscribe', 'E_A', `${own.address}/gone-${'x'.repeat(200)}`])
  await using terminal = new Terminal(evi, ['check', '--watch', '0.2'], { COLUMNS: '20', LINES: '12' })
  await terminal.shows(/\d\d:\d\d:\d\d {2}Ctrl-C\r\n {2}ends it\.\r\n✔ rabbitmq:/)
  await terminal.shows(/\d+ more lines\r\n2 subscriptions: 2\r\n {2}broken\r\n/)
})

test('evi check --watch prints a block for each look where there is no terminal', async () => {
  await evi.run(['subscribe', 'E_A', `${own.address}/gone`])
  const watching = evi.start(['check', '--watch', '0.2'])
  const block = String.raw`\d{4}-\d\d-\d\dT\S+Z\n✔ .+\n {2}✖ .+\n {4}✖ queue [\s\S]+?\n1 subscription: broken\n\n`
  await watching.said('stdout', new RegExp(`^(?:${block}){2}`))
  expect(await watching.kill('SIGINT')).toMatchObject({ code: 5 })
})

test('evi check --watch --json prints a document a line, with its time', async () => {
  await evi.run(['subscribe', 'E_A', `${own.address}/gone`])
  const watching = evi.start(['check', 'E_A', '--json', '--watch=0.2'])
  await watching.said('stdout', /\n.+\n/)
  const { code, stdout } = await watching.kill('SIGTERM')
  expect(code).toBe(5)
  const [first = ''] = stdout.split('\n')
  expect(JSON.parse(first)).toMatchObject({ time: expect.stringMatching(/Z$/), passed: 0, failed: 1 })
})

test('evi check --watch without a time looks each five seconds, and goes on with what follows', async () => {
  const watching = evi.start(['check', '--watch', '--socket', `${own.address}/gone`])
  await watching.said('stdout', /1 socket: broken/)
  expect(await watching.kill('SIGINT')).toMatchObject({ code: 5 })
})

test('evi check --watch draws nothing on a terminal that can only print', async () => {
  await evi.run(['subscribe', 'E_A', `${own.address}/gone`])
  await using terminal = new Terminal(evi, ['check', '--watch', '0.2'], { TERM: 'dumb' })
  await terminal.shows('1 subscription: broken')
  await terminal.shows('1 subscription: broken')
  expect(terminal.raw).not.toContain('\x1b')
  terminal.type(keys.interrupt)
  expect(await terminal.ended()).toBe(5)
})
