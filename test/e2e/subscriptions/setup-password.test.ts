import { expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

const { enter, interrupt } = keys
const own = ownBroker({})
useEvi()

test('a password that is refused is typed anew in an empty field', async () => {
  await addUser(own.broker, 'alice', 's3cret')
  await using terminal = new Terminal(evi, ['setup'])
  await terminal.answer('Which broker?', 'RabbitMQ e', enter)
  await terminal.answer('Host', `127.0.0.1:${own.broker.port}`, enter)
  await terminal.answer('User', 'alice', enter)
  await terminal.answer('Password of alice', 'wrong-one', enter)
  await terminal.answer('If not, type the right one here', 's3cret', enter)
  await terminal.answer('Vhost', interrupt)
  expect(await terminal.ended()).toBe(130)
  expect(terminal.raw).not.toMatch(/s3cret|wrong-one/)
})
