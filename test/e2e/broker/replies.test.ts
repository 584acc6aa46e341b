import { beforeAll, describe, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()

const own = ownBroker({})
/** A name with all that a permission's pattern or a shell could take for its own. */
const odd = "ü'x.y (z)"

beforeAll(async () => {
  const { broker } = own
  for (const user of ['alice', 'topical', 'stranger', 'narrow'])
    await broker.rabbitmqctl('add_user', user, 's3cret')
  await broker.rabbitmqctl('set_permissions', 'alice', '^$', '^$', '^$')
  for (const user of ['topical', 'narrow'])
    await broker.rabbitmqctl('set_permissions', user, '.*', '.*', '.*')
  await broker.rabbitmqctl('set_topic_permissions', 'topical', 'amq.topic', '^x$', '^x$')
  await broker.rabbitmqctl('set_user_limits', 'narrow', '{"max-channels":0}')
  for (const vhost of ['shut', odd]) {
    await broker.rabbitmqctl('add_vhost', vhost)
    await broker.rabbitmqctl('set_permissions', '-p', vhost, 'guest', '.*', '.*', '.*')
    await broker.rabbitmqctl('set_vhost_limits', '-p', vhost, '{"max-connections":0}')
  }
  await broker.rabbitmqctl('add_vhost', 'full')
  await broker.rabbitmqctl('set_permissions', '-p', 'full', 'guest', '.*', '.*', '.*')
  await broker.rabbitmqctl('set_vhost_limits', '-p', 'full', '{"max-queues":0}')
})

const as = (user: string) => `rabbitmq:${user}:s3cret@${own.broker.host}:${own.broker.port}`
const raise = async (socket: string) => {
  const { code, stdout, stderr } = await evi.run(['raise', 'E_X', '--socket', socket])
  return { code, said: stdout + stderr }
}

describe('a reply of a real broker', () => {
  test('that refuses writing to the default exchange is answered by the least permission', async () => {
    const { code, said } = await raise(`${as('alice')}/q`)
    expect({ code, said }).toMatchObject({ code: 77 })
    expect(said).toMatch(/access to exchange 'amq\.default' in vhost '\/' refused for user 'alice'/)
    expect(said).toContain(`rabbitmqctl set_permissions alice '^$' '^amq\\.default$' '^$'`)
    expect(said).toContain('replaces')
  })

  test('that refuses a topic is answered by a topic permission', async () => {
    const { code, said } = await raise(`${as('topical')}/amq.topic?sip.k`)
    expect({ code, said }).toMatchObject({ code: 77 })
    expect(said).toContain(`rabbitmqctl set_topic_permissions topical amq.topic '^sip\\.k$' '^$'`)
    expect(said).not.toContain('set_permissions')
    expect(said.indexOf('list_user_topic_permissions')).toBeLessThan(said.indexOf('set_topic_permissions'))
  })

  test('that refuses the vhost names the user', async () => {
    const { code, said } = await raise(`${as('stranger')}/q`)
    expect(code).toBe(77)
    expect(said).toContain("access to vhost '/' refused for user 'stranger'")
  })

  test.each(['shut', odd])('of a vhost "%s" at its limit is no missing permission', async (vhost) => {
    const { code, said } = await raise(`${own.address}/vhost=${encodeURIComponent(vhost)}?q`)
    expect({ code, said }).toMatchObject({ code: 69 })
    expect(said).toContain(
      `access to vhost '${vhost}' refused for user 'guest': connection limit (0) is reached`,
    )
    expect(said).not.toMatch(/set_permissions|no permission/)
  })

  test('of a vhost with too many queues is quoted by tail', async () => {
    const { code, stderr } = await evi.run([
      'tail',
      '--socket',
      `${own.address}/vhost=full?q`,
      '--timeout',
      '2',
    ])
    expect(stderr).toContain("queue limit in vhost 'full' (0) is reached")
    expect(stderr).not.toContain('exists')
    expect(code).not.toBe(73)
  })

  test.each(['check', 'tail', 'bench'])('that closes the connection is passed on by %s', async (command) => {
    const socket = `${as('narrow')}/amq.topic?k`
    const { stdout, stderr } = await evi.run(
      command === 'bench' ? [command, socket] : [command, '--socket', socket],
    )
    expect(stdout + stderr).toContain("number of channels opened for user 'narrow' has reached")
    if (command !== 'tail')
      expect(stdout + stderr).toContain(
        `raise the limit; see it on ${own.broker.host}:${own.broker.port}: rabbitmqctl list_user_limits --user narrow`,
      )
  })
})
