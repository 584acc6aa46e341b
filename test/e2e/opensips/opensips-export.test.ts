import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()

const path = (name: string) => join(evi.configDirectory, name)
const file = (name: string, content: string | Buffer) => {
  writeFileSync(path(name), content)
  return path(name)
}
const from = (input: string | Buffer, ...flags: string[]) => evi.run(['import', '-', ...flags], { input })
const stored = (name: string) => JSON.parse(readFileSync(path(`${name}.json`), 'utf8'))

describe('export', () => {
  const password = 'p"a\\s$s@/:%'
  beforeEach(async () => {
    file('pw', password)
    await evi.run(['subscribe', 'E_A', 'rabbitmq:alice@h/amq.topic?a.b', '--password-file', path('pw')])
    await evi.run(['subscribe', 'E_B', 'rabbitmq:h/k', '--expire', '60'])
  })

  test('prints a block for opensips.cfg without passwords, which import reads back', async () => {
    await evi.run(['settings', 'heartbeat', '3'])
    const { code, stdout, stderr } = await evi.run(['export'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        '# Written by evi export for opensips.cfg, OpenSIPS 3.2 and later.',
        '# An opensips.cfg has one startup_route: if it is there already, add these lines to it.',
        'loadmodule "event_rabbitmq.so"',
        '',
        'modparam("event_rabbitmq", "heartbeat", 3)',
        '',
        'startup_route {',
        '\t# The password is left out, and OpenSIPS takes "guest". With it: evi export --with-passwords --output FILE',
        '\tsubscribe_event("E_A", "rabbitmq:alice@h:5672/exchange=amq.topic?a.b");',
        '\t# OpenSIPS applies no expiry to rabbitmq sockets: this subscription does not end.',
        '\tsubscribe_event("E_B", "rabbitmq:guest@h:5672/k");',
        '}',
        '',
      ].join('\n'),
    })
    expect(stderr.split('\n')).toHaveLength(3)
    expect(await from(stdout)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 added, 2 renewed'),
    })
    expect(stored('subscriptions').subscriptions[0].password).toBe(password)
  })

  test('prints the form of OpenSIPS 3.1 and commands for the Management Interface', async () => {
    expect((await evi.run(['export', 'E_A', '--for', '3.1'])).stdout).toContain(
      '"rabbitmq:alice@h:5672/amq.topic?a.b"',
    )
    expect((await evi.run(['export', 'E_A', '--mi'])).stdout).toMatch(
      /\nopensips-cli -x mi event_subscribe event=E_A 'socket=rabbitmq:alice@h:5672\/exchange=amq\.topic\?a\.b'\n$/,
    )
    expect((await evi.run(['export', 'E_A', '--mi', '--for', '4.0'])).stdout).toContain(
      ' mi evi:subscribe event=E_A ',
    )
    expect(await evi.run(['export', '--for', 'new'])).toMatchObject({ code: 64 })
  })

  test('writes passwords into a file for its owner only, and replaces no other file', async () => {
    const out = path('out.cfg')
    const words = ['export', '--with-passwords', '--output', out]
    for (let run = 0; run < 2; run++) {
      const { code, stdout, stderr } = await evi.run(words)
      expect(code).toBe(0)
      expect(stdout).toBe(`✔ Wrote 2 subscriptions to ${out}.\n`)
      expect(stderr).not.toContain('password')
      expect(statSync(out).mode & 0o777).toBe(0o600)
    }
    const written = readFileSync(out, 'utf8')
    await evi.run(['unsubscribe', 'E_A', '--all'])
    expect(await evi.run(['import', out])).toMatchObject({ code: 0 })
    expect(
      stored('subscriptions').subscriptions.map(({ password }: { password?: string }) => password),
    ).toContain(password)
    const precious = file('opensips.cfg', 'precious\n')
    expect(await evi.run(['export', '--output', precious])).toMatchObject({ code: 74, stdout: '' })
    expect(readFileSync(precious, 'utf8')).toBe('precious\n')
    expect(written).toContain('rabbitmq:alice:')
    for (const place of ['/dev/stdout', path('none/out.cfg'), evi.configDirectory])
      expect(await evi.run([...words.slice(0, 3), place])).toMatchObject({ code: 74, stdout: '' })
    expect(await evi.run(['export', '--with-passwords'])).toMatchObject({ code: 64, stdout: '' })
    expect(await evi.run([...words.slice(0, 3), '-'])).toMatchObject({ code: 64, stdout: '' })
  })

  test('names what OpenSIPS cannot take, exports the rest and ends with 3', async () => {
    await evi.run(['subscribe', 'E_C', 'rabbitmq:one,two/k'])
    await evi.run(['subscribe', 'E_C', 'rabbitmq:[::1]/vhost=v?k'])
    const { code, stdout, stderr } = await evi.run(['export'])
    expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining('"E_B"') })
    expect(stderr).toMatch(/✖ E_C {2}rabbitmq:guest@one:5672,two:5672\/k: it has several hosts/)
    expect(stderr).toMatch(/IPv6.*; it has the vhost "v"/)
    expect(await evi.run(['export', 'E_C'])).toMatchObject({ code: 3, stdout: '' })
    expect(await evi.run(['export', 'E_NONE'])).toMatchObject({ code: 4, stdout: '' })
  })
})
