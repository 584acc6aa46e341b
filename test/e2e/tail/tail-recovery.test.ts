import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort, oneSidedProxy } from '../../helpers/brokers/servers.ts'
import { addUser } from '../../helpers/brokers/users.ts'
import type { RunningEvi } from '../../helpers/evi/evi.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({ management: true })

useEvi()

async function watch(...words: string[]): Promise<RunningEvi> {
  const running = evi.start(['tail', ...words])
  await running.said('stderr', /Watching/)
  return running
}

test('a password file is read again at each login, so that a renewed token is taken', async () => {
  const user = `u-${randomUUID()}`
  const file = join(evi.configDirectory, 'token')
  writeFileSync(file, 'first\n')
  await addUser(own.broker, user, 'first')
  const key = randomUUID()
  const socket = `rabbitmq:${user}@127.0.0.1:${own.broker.port}/amq.topic?${key}`
  const tail = await watch('--socket', socket, '--password-file', file, '--raw', '--count', '1')
  await own.broker.rabbitmqctl('change_password', user, 'second')
  writeFileSync(file, 'second\n')
  await own.broker.rabbitmqctl('close_all_user_connections', user, 'the token expired')
  await tail.said('stderr', /✔ Watching .* again/)
  own.client.channel.publish('amq.topic', key, Buffer.from('seen'))
  expect(await tail.ended).toMatchObject({ code: 0, stdout: 'seen\n' })
})

/** A user with all permissions and one limit; returned as a socket begins. */
async function limitedUser(limit: string, number: number): Promise<string> {
  const user = `u-${randomUUID()}`
  await addUser(own.broker, user, 's3cret')
  await own.broker.rabbitmqctl('set_user_limits', user, JSON.stringify({ [limit]: number }))
  return `rabbitmq:${user}:s3cret`
}

describe('a limit that is met while tail reconnects', () => {
  test('of connections is waited for, as the broker has not noticed the loss yet', async () => {
    const way = await oneSidedProxy(own.broker.port)
    const login = await limitedUser('max-connections', 1)
    const socket = `${login}@127.0.0.1:${way.port}/amq.topic?${randomUUID()}`
    const tail = await watch('--socket', socket, '--raw', '--count', '1')
    way.cut()
    await tail.said('stderr', /✖ .*connection limit \(1\) is reached.* Trying again in/)
    way.release()
    await tail.said('stderr', /✔ Watching .* again/)
    own.client.channel.publish('amq.topic', socket.slice(socket.indexOf('?') + 1), Buffer.from('seen'))
    expect(await tail.ended).toMatchObject({ code: 0, stdout: 'seen\n' })
    await way.close()
  })

  test('of queues is waited for while another socket is watched', async () => {
    const vhost = `lim-${randomUUID()}`
    await own.broker.rabbitmqctl('add_vhost', vhost)
    await own.broker.rabbitmqctl('set_permissions', '-p', vhost, 'guest', '.*', '.*', '.*')
    await own.broker.rabbitmqctl('set_vhost_limits', '-p', vhost, '{"max-queues":0}')
    const sockets = [`${own.address}/amq.topic?k`, `${own.address}/vhost=${vhost}?stand-in`]
    const tail = await watch(...sockets.flatMap((socket) => ['--socket', socket]))
    expect(tail.stderr).toMatch(/queue limit in vhost '\S+' \(0\) is reached.* Trying again in/)
    await own.broker.rabbitmqctl('clear_vhost_limits', '-p', vhost)
    await tail.said('stderr', /✔ Now watching \S+stand-in/)
  })
})

test('a limit of channels is reported in the words of the broker by tail, check and bench', async () => {
  const login = await limitedUser('max-channels', 0)
  const socket = `${login}@127.0.0.1:${own.broker.port}/amq.topic?k`
  for (const command of [
    ['tail', '--socket', socket],
    ['check', '--socket', socket],
    ['bench', socket, '--count', '1'],
  ]) {
    const { code, stdout, stderr } = await evi.run(command)
    expect({ command, code, said: stdout + stderr }).toEqual({
      command,
      code: 69,
      said: expect.stringMatching(/has reached the maximum allowed user limit of \(?0\)?/),
    })
  }
})

test('a socket whose broker is not there yet is watched once it comes up', async () => {
  const port = await closedPort()
  const key = randomUUID()
  const sockets = [`${own.address}/amq.topic?k`, `rabbitmq:guest:guest@127.0.0.1:${port}/amq.topic?${key}`]
  const tail = await watch(...sockets.flatMap((socket) => ['--socket', socket]), '--raw', '--count', '1')
  expect(tail.stderr).toMatch(/nothing listens there\. Trying again in/)
  const way = await oneSidedProxy(own.broker.port, port)
  await tail.said('stderr', new RegExp(`✔ Now watching \\S+${key}`))
  own.client.channel.publish('amq.topic', key, Buffer.from('seen'))
  expect(await tail.ended).toMatchObject({ code: 0, stdout: 'seen\n' })
  await way.close()
})

describe('a connection that is not lost', () => {
  test('is not taken for one while the broker has a memory alarm', async () => {
    const key = randomUUID()
    const tail = await watch(
      '--socket',
      `${own.address}/amq.topic?${key}`,
      '--raw',
      '--count',
      '1',
      '--reply-timeout',
      '1000',
    )
    await own.broker.rabbitmqctl('set_vm_memory_high_watermark', '0.00001')
    // As long as several timeouts.
    await sleep(4000)
    await own.broker.rabbitmqctl('set_vm_memory_high_watermark', '0.4')
    own.client.channel.publish('amq.topic', key, Buffer.from('seen'))
    const { code, stdout, stderr } = await tail.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'seen\n' })
    expect(stderr).not.toMatch(/✖/)
  })

  test('is not taken for one where the process is stopped for a while without traffic', async () => {
    const key = randomUUID()
    const socket = `${own.address}/amq.topic?${key}`
    const tail = await watch('--socket', socket, '--raw', '--count', '1', '--reply-timeout', '500')
    tail.send('SIGSTOP')
    // As long as several timeouts.
    await sleep(2000)
    tail.send('SIGCONT')
    await sleep(1000)
    own.client.channel.publish('amq.topic', key, Buffer.from('seen'))
    const { code, stdout, stderr } = await tail.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'seen\n' })
    expect(stderr).not.toMatch(/✖/)
  })
})
