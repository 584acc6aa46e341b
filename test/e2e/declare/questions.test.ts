import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

const own = ownBroker({})
useEvi()

let name: string
beforeEach(() => {
  name = `q-${randomUUID()}`
})

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)
const at = (route: string, port = own.broker.port) => `rabbitmq:guest@127.0.0.1:${port}/${route}`
const queues = async () => await own.broker.rabbitmqctl('-q', 'list_queues', 'name', 'type')

async function subscribe(sockets: readonly string[], ...words: string[]): Promise<void> {
  const input = sockets.map((socket) => `E_ASKED ${socket}\n`).join('')
  expect(await evi.run(['subscribe', '--batch', '-', ...words], { input })).toMatchObject({ code: 0 })
}

test('without a terminal it names the command that declares what it has shown, with all flags', async () => {
  const exchange = `${name}-x`
  const shown = await evi.run([
    ...['declare', at(`${exchange}?k`), '--queue', `${name} 'a'`, '--type', 'quorum'],
    ...['--exchange-type', 'headers', '--header', 'kind=pike $1', '--header', 'n:=5'],
  ])
  expect(shown).toMatchObject({ code: 64, stdout: '' })
  const [, words = ''] = /without being asked: evi (declare .*)\n$/.exec(shown.stderr) ?? []
  expect(shown.stderr).toContain('there is no terminal to ask whether to declare it.')
  expect(await evi.shell(`evi ${words}`)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`headers {"kind":"pike $1","n":5}: bound`),
  })
  expect(await queues()).toContain(`${name} 'a'\tquorum`)
  expect(await own.broker.rabbitmqctl('-q', 'list_exchanges', 'name', 'type')).toContain(
    `${exchange}\theaders`,
  )
})

test('with --json it says that it does not ask, and names the command with the context', async () => {
  expect(await evi.run(['context', 'create', 'lab'])).toMatchObject({ code: 0 })
  await subscribe([at(name)], '--context', 'lab')
  const { code, stdout } = await evi.run(['declare', 'E_ASKED', '--json', '--context', 'lab'])
  expect({ code, error: JSON.parse(stdout).error }).toMatchObject({
    code: 64,
    error: {
      message: 'Something is missing, and with --json evi does not ask whether to declare it.',
      hint: 'Declare it without being asked: evi declare E_ASKED --context lab --json --yes',
    },
  })
})

/** Sixty sockets without their queues, and one whose broker is not there. */
async function subscribeSixty(): Promise<void> {
  await subscribe([...upTo(60).map((number) => at(`${name}-${number}`)), at('q', await closedPort())])
}

test('without a terminal it shows what many sockets lack alike as one, and why others could not be looked at', async () => {
  await subscribeSixty()
  const { code, stderr } = await evi.run(['declare', 'E_ASKED'])
  expect(code).toBe(64)
  expect(stderr).toMatch(
    /^60 sockets such as rabbitmq:\S+-0\n {2}queue \S+-0: missing, to be made\nrabbitmq:\S+\/q\n {2}✖ .* refuses the connection.*\n/,
  )
  expect(stderr).not.toContain('the report')
})

test('on a terminal it says how many could not be looked at, and that the report says why', async () => {
  await subscribeSixty()
  await using asked = new Terminal(evi, ['declare', 'E_ASKED'])
  await asked.answer('Declare this?', keys.enter)
  expect(await asked.ended()).toBe(3)
  expect(asked.text).toContain('1 more could not be looked at; the report says why, once this is declared.')
})
