import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import {
  bodies,
  documents,
  file,
  lines,
  missing,
  notification,
  numbered,
  subscribed,
} from '../../helpers/evi/streams.ts'

useClient()
useEvi()

describe('how a stream ends', () => {
  const subscribe = (key: string) => evi.run(['subscribe', 'E_X', key])
  const one = notification('E_X')

  test.each([
    ['no line at all', '', 0],
    ['bad lines only', 'x\ny\n', 65],
    ['lines without a subscriber only', notification('E_OTHER'), 4],
  ])('%s', async (_, input, code) => {
    await subscribed('E_X')
    expect(await evi.run(['raise', '-'], { input })).toMatchObject({ code })
  })

  test('a stream without a subscriber is refused before anything is read', async () => {
    expect(await evi.run(['raise', '-'], { input: one })).toMatchObject({ code: 4 })
    await subscribed('E_X')
    expect(await evi.run(['raise', 'E_OTHER', '--batch', '-'], { input: '{}' })).toMatchObject({ code: 4 })
  })

  test('a broker that is not there, a refused login, a missing exchange: the code of each', async () => {
    await subscribe(`rabbitmq:127.0.0.1:${await closedPort()}/q`)
    expect(await evi.run(['raise', '-'], { input: lines(one, one) })).toMatchObject({ code: 69 })
    expect(
      await evi.run(['raise', '-', '-s', `${brokerAddress.replace(':guest@', ':wrong@')}/q`], { input: one }),
    ).toMatchObject({
      code: 77,
    })
    expect(
      await evi.run(['raise', '-', '-s', `${brokerAddress}/${missing()}?x`], { input: one }),
    ).toMatchObject({ code: 76 })
  })

  test.each([
    ['--param with a stream', ['raise', '-', '--param', 'a=1']],
    ['--batch with -', ['raise', '-', '--batch', 'f']],
    ['--batch and --param', ['raise', 'E_X', '--batch', 'f', '--param', 'a=1']],
    ['--dry-run with a stream', ['raise', '-', '--dry-run']],
    ['--verify with a stream', ['raise', '-', '--verify']],
    ['--failed without a stream', ['raise', 'E_X', '--failed', 'f']],
    ['--strict without a stream', ['raise', 'E_X', '--strict']],
    ['--window 0', ['raise', '-', '--window', '0']],
    ['--rate -1', ['raise', '-', '--rate', '0']],
    ['--rate and --speed', ['raise', '-', '--rate', '1', '--speed', '1']],
    ['stdin for two', ['raise', '-', '-s', 'rabbitmq:h/q', '--password-file', '-']],
  ])('%s is wrong usage', async (_, words) => {
    await subscribed('E_X')
    expect(await evi.run(words)).toMatchObject({ code: 64 })
  })

  test('a file that cannot be read, one that cannot be written, and the input as --failed', async () => {
    await subscribed('E_X')
    expect(await evi.run(['raise', 'E_X', '--batch', '/nowhere/f'])).toMatchObject({ code: 66 })
    expect(await evi.run(['raise', 'E_X', '--batch', '/tmp'])).toMatchObject({ code: 66 })
    expect(await evi.run(['raise', '-', '--failed', '/nowhere/f'])).toMatchObject({ code: 74 })
    writeFileSync(file('f'), '{}\n')
    expect(await evi.run(['raise', 'E_X', '--batch', file('f'), '--failed', file('f')])).toMatchObject({
      code: 64,
    })
    expect(await evi.shell(`evi raise - --failed ${file('f')} < ${file('f')}`)).toMatchObject({ code: 64 })
  })

  test('a full disk under --failed ends it, and says so', async () => {
    const queue = await subscribed('E_X')
    const stream = evi.start(['raise', '-', '--failed', '/dev/full'], { open: true })
    stream.write(lines(one))
    await expect.poll(() => bodies(queue)).toHaveLength(1)
    stream.write(lines('bad', ...numbered('E_X', 3)))
    const { code, stderr } = await stream.ended
    expect({ code, stderr }).toEqual({ code: 74, stderr: expect.stringMatching(/\/dev\/full.*ENOSPC/) })
    expect(stderr).toMatch(/line 2: /)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s: what is in flight is finished, the rest is kept',
    async (signal) => {
      const queue = await subscribed('E_X')
      const texts = numbered('E_X', 4)
      const stream = evi.start(['raise', '-', '--sync', '--rate', '0.001', '--failed', file('failed')], {
        open: true,
        input: lines(...texts),
      })
      await expect.poll(() => client.channel.checkQueue(queue)).toMatchObject({ messageCount: 1 })
      stream.send(signal)
      const { code, stderr } = await stream.ended
      expect({ code, stderr }).toEqual({
        code: 130,
        stderr: expect.stringMatching(/4 read, 1 confirmed, 3 failed/),
      })
      expect(readFileSync(file('failed'), 'utf8')).toBe(lines(...texts.slice(1)))
      expect(await bodies(queue)).toEqual([texts[0]])
    },
  )

  describe('a pipe with a name', () => {
    test('is waited for until a program writes to it, and read to its end', async () => {
      const queue = await subscribed('E_X')
      const { code } = await evi.shell(
        `mkfifo ${file('pipe')}; { sleep 0.2; echo '{"n":1}'; sleep 0.2; echo '[2]'; } > ${file('pipe')} &
        evi raise E_X --batch ${file('pipe')}`,
      )
      expect({ code, bodies: await bodies(queue) }).toEqual({
        code: 0,
        bodies: [
          '{"jsonrpc":"2.0","method":"E_X","params":{"n":1}}',
          '{"jsonrpc":"2.0","method":"E_X","params":[2]}',
        ],
      })
    })

    test.each([
      ['--batch', ''],
      ['--params', '@'],
    ])('without a writer does not keep Ctrl-C waiting: %s', async (flag, prefix) => {
      await subscribed('E_X')
      await evi.shell(`mkfifo ${file('pipe')}`)
      const raise = evi.start(['raise', 'E_X', flag, `${prefix}${file('pipe')}`])
      await expect.poll(() => raise.handles('SIGINT')).toBe(true)
      await setTimeout(500)
      expect(await raise.kill('SIGINT')).toMatchObject({ code: 130 })
    })
  })

  test('a reader of the output that leaves ends nothing; every line is still seen to its end', async () => {
    const queue = await subscribed('E_X')
    await evi.run(['subscribe', 'E_BAD', `${brokerAddress}/${missing()}`])
    writeFileSync(file('f'), lines(...numbered('E_X', 5000).flatMap((text) => [notification('E_BAD'), text])))
    const script = `evi raise - --json < ${file('f')} | head -1; echo "\${PIPESTATUS[0]}" >&2`
    const { stdout, stderr } = await evi.shell(script)
    expect(documents(stdout)).toMatchObject([{ line: 1 }])
    expect(stderr).toBe('3\n')
    expect((await client.take(queue)).length).toBe(5000)
  })

  test('a full disk under stdout is reported', async () => {
    await subscribed('E_X')
    expect(await evi.shell(`printf 'bad\n${one}\n' | evi raise - --json > /dev/full`)).toMatchObject({
      code: 74,
    })
  })

  test('a producer that dies leaves a torn line, which is reported', async () => {
    const queue = await subscribed('E_X')
    const { stderr } = await evi.shell(
      `(echo '${one}'; printf '${one.slice(0, 9)}'; kill -9 $BASHPID) | evi raise -`,
    )
    expect(stderr).toMatch(/line 2: Not JSON/)
    expect(await bodies(queue)).toEqual([one])
  })
})
