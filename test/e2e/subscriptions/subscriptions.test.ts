import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import vectors from '../../vectors/sockets.json' with { type: 'json' }

interface Listed {
  readonly subscriptions: readonly Record<string, unknown>[]
}

useEvi()

describe('the sockets that OpenSIPS knows', () => {
  const accepted = vectors.filter(({ evi }) => evi !== null)
  const refused = vectors.filter(({ evi }) => evi === null)

  test('all that evi takes are stored and listed as they are', async () => {
    for (const [index, { socket }] of accepted.entries()) {
      expect(await evi.run(['subscribe', `E_${index}`, socket])).toMatchObject({ code: 0, stderr: '' })
    }
    const { subscriptions } = await evi.json<Listed>('list')
    expect(subscriptions).toHaveLength(accepted.length)
    for (const [index, vector] of accepted.entries()) {
      const { password: _, ...parts } = vector.evi as Record<string, unknown>
      expect(subscriptions[index]).toMatchObject({ event: `E_${index}`, ...parts, expire: null, ttl: null })
    }
  })

  test('all that evi refuses get a sentence, a caret and exit code 64, and store nothing', async () => {
    for (const { socket } of refused) {
      const { code, stdout, stderr } = await evi.run(['subscribe', 'E_X', socket])
      expect({ socket, code, stdout }).toEqual({ socket, code: 64, stdout: '' })
      expect(stderr).toMatch(/^evi: The socket cannot be read: .*\n.*\n +\^\n/)
      expect(stderr).not.toMatch(/\n +at /)
    }
    expect(await evi.json('list')).toEqual({ subscriptions: [] })
  })
})

describe('subscribe', () => {
  test('a socket by parts is the socket written', async () => {
    const words = ['--host', 'h1', '--host', 'h2:5673', '--port', '5999', '--user', 'us@er', '--vhost', 'a/b']
    await evi.run(['subscribe', 'E_X', ...words, '--exchange', 'ex', '--routing-key', 'r?k', '--persistent'])
    const { subscriptions } = await evi.json<Listed>('list')
    expect(subscriptions[0]).toMatchObject({
      socket: 'rabbitmq:us%40er@h1:5999,h2:5673/exchange=ex;vhost=a/b;persistent?r?k',
      user: 'us@er',
      vhost: 'a/b',
      exchange: 'ex',
      routingKey: 'r?k',
      persistent: true,
    })
  })

  test.each([
    [['subscribe', 'E_X'], /--host/],
    [['subscribe', 'E_X', '--host', 'h'], /--routing-key/],
    [['subscribe', 'E_X', 'rabbitmq:h/q', '--host', 'h'], /twice/],
    [['subscribe', 'rabbitmq:h/q', 'E_X'], /socket stands where the event name/],
    [['subscribe', 'E_X', 'rabbitmq:h/q', '--expire', '0'], /1 to 2147483647/],
    [['subscribe', 'a b', 'rabbitmq:h/q'], /blank/],
    [['subscribe', 'E'.repeat(65), 'rabbitmq:h/q'], /65 bytes/],
  ])('%j is wrong usage', async (words, sentence) => {
    expect(await evi.run(words)).toMatchObject({ code: 64, stderr: expect.stringMatching(sentence) })
  })

  test('the same subscriber again renews time, expiry and parameters, and keeps a password not named', async () => {
    await evi.run(['subscribe', 'E_X', 'rabbitmq:alice:s3cret@h/q'])
    const again = await evi.run(['subscribe', 'E_X', 'rabbitmq:alice@h/persistent?q', '--expire', '60'])
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Renewed') })
    const { subscriptions } = await evi.json<Listed>('list')
    expect(subscriptions).toEqual([expect.objectContaining({ persistent: true, expire: 60 })])
    expect(await evi.shell(`cat "$EVI_CONFIG_DIR/subscriptions.json"`)).toMatchObject({
      stdout: expect.stringContaining('"password":"s3cret"'),
    })
  })

  test('an expired one is listed no more', async () => {
    await evi.run(['subscribe', 'E_X', 'rabbitmq:h/q', '--expire', '1'])
    await expect.poll(() => evi.json('list')).toEqual({ subscriptions: [] })
    expect(await evi.run(['raise', 'E_X'])).toMatchObject({ code: 4 })
  })

  test('a password from a file or stdin never reaches a line of output', async () => {
    writeFileSync(join(evi.configDirectory, 'pw'), 'hunter2\n')
    const file = join(evi.configDirectory, 'pw')
    const byFile = await evi.run(['subscribe', 'E_X', 'rabbitmq:a@h/q', '--password-file', file, '--json'])
    const byInput = await evi.run(['subscribe', 'E_Y', 'rabbitmq:a@h/q', '--password-file', '-'], {
      input: 'hunter2\n',
    })
    const said = [byFile, byInput, await evi.run(['list']), await evi.run(['list', '--json'])]
    for (const { code, stdout, stderr } of said) {
      expect(code).toBe(0)
      expect(stdout + stderr).not.toContain('hunter2')
    }
    const missing = await evi.run(['subscribe', 'E_X', 'rabbitmq:a@h/q', '--password-file', '/nope'])
    expect(missing).toMatchObject({ code: 66, stderr: expect.stringContaining('/nope') })
  })
})

describe('unsubscribe', () => {
  test('takes the printed form, the only one, or all', async () => {
    for (const key of ['a', 'b', 'c']) await evi.run(['subscribe', 'E_X', `rabbitmq:u:p@h/${key}`])
    expect(await evi.run(['unsubscribe', 'E_X'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--all'),
    })
    expect(await evi.run(['unsubscribe', 'E_X', 'rabbitmq:u@h:5672/a'])).toMatchObject({ code: 0 })
    expect(await evi.run(['unsubscribe', 'E_X', 'rabbitmq:u@h:5672/a'])).toMatchObject({ code: 4 })
    expect(await evi.json<{ removed: object[] }>('unsubscribe', 'E_X', '--all')).toMatchObject({
      removed: [{}, {}],
    })
    expect(await evi.run(['unsubscribe', 'E_X'])).toMatchObject({ code: 4, stdout: '' })
  })
})

describe('list', () => {
  test('an empty store is a hint on stderr and no error', async () => {
    expect(await evi.run(['list'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('evi subscribe'),
    })
  })

  test('a damaged store is left as it is, exit code 78, whatever is wrong with it', async () => {
    const store = join(evi.configDirectory, 'subscriptions.json')
    for (const damage of [
      '{"version":1,"subscr',
      '[]',
      '{"version":99,"subscriptions":[]}',
      '{"version":1,"subscriptions":[{}]}',
    ]) {
      writeFileSync(store, damage)
      for (const words of [['list'], ['subscribe', 'E_X', 'rabbitmq:h/q']]) {
        const { code, stderr } = await evi.run(words)
        expect({ damage, words, code }).toEqual({ damage, words, code: 78 })
        expect(stderr).toContain(store)
      }
      expect((await evi.shell(`cat '${store}'`)).stdout).toBe(damage)
    }
  })
})
