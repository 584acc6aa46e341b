import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { addUser, pasteAdvice } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { opensips, useOpenSips } from '../../helpers/opensips/fixture.ts'

const own = ownBroker({ management: true })

useOpenSips()
useEvi()

const at = (login: string, place: string) =>
  `rabbitmq:${login}@${own.broker.host}:${own.broker.port}/${place}`
const ownQueues = 'amq\\.gen-.*'

type Lack = 'no entry on the vhost' | 'an entry that permits nothing' | 'queues of its own only'

async function addLacking(lack: Lack): Promise<string> {
  const user = `user-${randomUUID()}`
  const configure = lack === 'queues of its own only' ? `^${ownQueues}$` : '^$'
  if (lack === 'no entry on the vhost') await own.broker.rabbitmqctl('add_user', user, 's3cret')
  else await addUser(own.broker, user, 's3cret', [configure, '^$', '^$'])
  return user
}

/** Runs it, pastes what it advises, and runs it once more. */
async function runTwice(words: readonly string[]) {
  const refused = await evi.run(words)
  const pasted = await pasteAdvice(own.broker, refused.stdout + refused.stderr)
  return { refused, rights: pasted.slice(2), permitted: await evi.run(words) }
}

test.each<[Lack, string]>([
  ['no entry on the vhost', 'q'],
  ['an entry that permits nothing', 'amq.topic?k'],
  ['queues of its own only', 'amq.topic?k'],
])('a user with %s measures %s once the command that bench names was pasted', async (lack, place) => {
  const words = ['bench', at(`${await addLacking(lack)}:s3cret`, place), '--count', '10']
  const { refused, rights, permitted } = await runTwice(words)
  expect(refused).toMatchObject({ code: 77 })
  expect(rights).toEqual([`^${ownQueues}$`, '^amq\\.default$', '^$'])
  expect(permitted).toMatchObject({ code: 0 })
})

test.each<[Lack, string, ...flags: string[]]>([
  ['no entry on the vhost', 'an event'],
  ['an entry that permits nothing', 'an event'],
  ['no entry on the vhost', 'lines', '--count', '2'],
  ['an entry that permits nothing', 'lines', '--count', '2'],
])(
  'a user with %s raises %s to several exchanges once the command that raise names was pasted',
  async (lack, _, ...flags) => {
    const user = `${await addLacking(lack)}:s3cret`
    const queue = await own.client.queue()
    await own.client.channel.bindQueue(queue, 'amq.topic', 'k')
    const places = ['amq.topic?k', queue].flatMap((place) => ['--socket', at(user, place)])
    const { refused, rights, permitted } = await runTwice(['raise', 'E_X', ...flags, ...places])
    expect(refused).toMatchObject({ code: 77 })
    expect(rights).toEqual(['^$', '^(amq\\.topic|amq\\.default)$', '^$'])
    expect(permitted).toMatchObject({ code: 0 })
  },
)

test.each<[Lack]>([['no entry on the vhost'], ['an entry that permits nothing']])(
  'a user with %s has a whole wiring once the command that check names was pasted',
  async (lack) => {
    const user = `${await addLacking(lack)}:s3cret`
    const places = ['amq.topic?k', 'amq.direct?k'].flatMap((place) => ['--socket', at(user, place)])
    const { refused, rights, permitted } = await runTwice(['check', ...places])
    expect(refused).toMatchObject({ code: 77 })
    expect(rights).toEqual(['^$', '^(amq\\.topic|amq\\.direct)$', '^$'])
    expect(permitted).toMatchObject({ code: 0 })
  },
)

test.each<[Lack]>([['no entry on the vhost'], ['queues of its own only']])(
  'a user with %s sees a copy once the command that raise --verify names was pasted',
  async (lack) => {
    const user = await addLacking(lack)
    await own.broker.rabbitmqctl('set_user_tags', user, 'monitoring')
    await own.client.channel.bindQueue(await own.client.queue(), 'amq.topic', 'k')
    const socket = ['--socket', at(`${user}:s3cret`, 'amq.topic?k')]
    const words = ['raise', 'E_X', '--verify', '--management', own.broker.managementUrl ?? '', ...socket]
    const { refused, rights, permitted } = await runTwice(words)
    expect(refused).toMatchObject({ code: 77 })
    const [write, read] = [`^(${ownQueues}|amq\\.topic)$`, `^(amq\\.topic|${ownQueues})$`]
    expect(rights).toEqual([`^${ownQueues}$`, write, read])
    expect(permitted).toMatchObject({ code: 0 })
    // evi watches once the management API has counted the consumers of the queue.
    const again = async () => (await evi.run(words)).stdout
    await expect.poll(again, { interval: 500, timeout: 20_000 }).toMatch(/A copy left the exchange/)
  },
)

test.each<[Lack]>([['no entry on the vhost'], ['an entry that permits nothing']])(
  'a user with %s watches what OpenSIPS raises once the command that raise --opensips names was pasted',
  async (lack) => {
    const login = `${await addLacking(lack)}:s3cret`
    for (const place of ['exchange=amq.topic?k', 'q'])
      opensips.memory.subscribe('E_PIKE_BLOCKED', at(login, place))
    const known = ['--socket', at(login, 'any')]
    const words = ['raise', 'E_PIKE_BLOCKED', '--opensips', opensips.urls.http, ...known]
    const { refused, rights, permitted } = await runTwice(words)
    expect(refused).toMatchObject({ code: 77 })
    expect(rights).toEqual([
      `^(q|${ownQueues})$`,
      // OpenSIPS publishes by the same login.
      `^(${ownQueues}|amq\\.default|amq\\.topic)$`,
      `^(q|amq\\.topic|${ownQueues})$`,
    ])
    expect(permitted).toMatchObject({ code: 3, stdout: expect.stringMatching(/arrived/) })
  },
)
