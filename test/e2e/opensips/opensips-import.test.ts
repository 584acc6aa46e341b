import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brokerAddress, Client } from '../../helpers/brokers/client.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { slowness } from '../../helpers/slowness.ts'

interface ImportDocument {
  readonly subscriptions: readonly {
    event: string
    socket: string
    file: string
    line: number
    when: string
    imported: boolean
  }[]
  readonly warnings: readonly { code: string; file: string; line: number; message: string }[]
}

useEvi()

const path = (name: string) => join(evi.configDirectory, name)
const file = (name: string, content: string | Buffer) => {
  writeFileSync(path(name), content)
  return path(name)
}
const route = (...lines: string[]) => `startup_route {\n${lines.join('\n')}\n}\n`
const subscribe = (event: string, socket: string) => `subscribe_event("${event}", "${socket}");`
const from = (input: string | Buffer, ...flags: string[]) => evi.run(['import', '-', ...flags], { input })
const documentOf = async (input: string | Buffer, ...flags: string[]): Promise<ImportDocument> =>
  JSON.parse((await from(input, '--json', '--dry-run', ...flags)).stdout)
const listed = async () =>
  (
    await evi.json<{ subscriptions: { event: string; socket: string; expire: number | null }[] }>('list')
  ).subscriptions.map(({ event, socket, expire }) => ({ event, socket, expire }))
const stored = (name: string) => JSON.parse(readFileSync(path(`${name}.json`), 'utf8'))

describe('import', () => {
  test('adds the subscriptions of a file, and renews them the second time', async () => {
    const config = route(
      subscribe('E_A', 'rabbitmq:alice:pw@h/a'),
      'subscribe_event("E_B", "rabbitmq:h/exchange=x?b", 60);',
    )
    const first = await from(config)
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('✔ 2 added, 0 renewed.') })
    expect(first.stderr).toMatch(/^! stdin:3: OpenSIPS does not apply an expiry/)
    expect(await listed()).toEqual([
      { event: 'E_A', socket: 'rabbitmq:alice@h:5672/a', expire: null },
      { event: 'E_B', socket: 'rabbitmq:guest@h:5672/x?b', expire: null },
    ])
    expect(stored('subscriptions').subscriptions[0].password).toBe('pw')
    expect((await from(config)).stdout).toContain('0 added, 2 renewed.')
  })

  test('writes nothing with --dry-run', async () => {
    const { code, stdout } = await from(
      route(subscribe('E_A', 'rabbitmq:h/a')),
      '--dry-run',
      '--settings',
      '--tls-domains',
    )
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing was written'),
    })
    expect(await listed()).toEqual([])
  })

  test('takes what is not certain with --all-routes only', async () => {
    const config = `route[a] { ${subscribe('E_A', 'rabbitmq:h/a')} }\n`
    expect(await from(config)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('stdin:1: route[a] is not run at startup'),
    })
    expect(await listed()).toEqual([])
    expect(await from(config, '--all-routes')).toMatchObject({ code: 0 })
    expect(await listed()).toHaveLength(1)
  })

  test('replaces the subscribers of the events in the file with --replace', async () => {
    for (const [event, key] of [
      ['E_A', 'old'],
      ['E_A', 'kept'],
      ['E_B', 'other'],
      ['E_A', 'maybe'],
    ])
      await evi.run(['subscribe', event as string, `rabbitmq:h/${key}`])
    const config = route(subscribe('E_A', 'rabbitmq:h/kept'), subscribe('E_A', 'rabbitmq:h/new'))
    const { code, stdout } = await from(
      `${config}route { ${subscribe('E_A', 'rabbitmq:h/maybe')} }\n`,
      '--replace',
    )
    expect({ code, stdout }).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('1 added, 1 renewed, 1 removed, 1 not taken'),
    })
    expect((await listed()).map(({ socket }) => socket.replace(/.*\//, '')).sort()).toEqual([
      'kept',
      'maybe',
      'new',
      'other',
    ])
  })

  test('warns of a missing TLS domain in the place of its line', async () => {
    const config = route(subscribe('E_A', 'rabbitmq:h/tls_domain=rmq?a'), subscribe('E_A', 'udp:127.0.0.1:9'))
    const { stdout } = await from(config, '--dry-run', '--json')
    const { warnings } = JSON.parse(stdout) as { warnings: Record<string, unknown>[] }
    const lines = warnings.map(({ line }) => line as number)
    const missing = warnings.find(({ code }) => code === 'tls-domain-missing')
    expect(missing?.message).toMatch(/Make it: evi tls-domain set rmq --ca FILE$/)
    expect(lines).toEqual(lines.toSorted((one, other) => one - other))
    for (const warning of warnings) expect(Object.keys(warning)).toEqual(['code', 'file', 'line', 'message'])
  })

  test('takes over settings and TLS domains where that is asked for', async () => {
    const config = [
      'loadmodule "event_rabbitmq.so"',
      'modparam("event_rabbitmq", "heartbeat", 0x0A)',
      'modparam("event_rabbitmq", "connect_timeout", 700)',
      'modparam("event_rabbitmq", "use_tls", yes)',
      'modparam("tls_mgm", "client_domain", "rmq")',
      'modparam("tls_mgm", "certificate", "[rmq]/c.pem")',
      'modparam("tls_mgm", "private_key", "[rmq]/k.pem")',
      route(subscribe('E_A', 'rabbitmq:h/tls_domain=rmq?a')),
    ].join('\n')
    const plain = await from(config)
    expect(plain.stderr).toMatch(
      /evi has no TLS domain "rmq"[\s\S]*heartbeat 10, connect_timeout 700[\s\S]*--tls-domains/,
    )
    expect(await from(config, '--settings', '--tls-domains')).toMatchObject({ code: 0, stderr: '' })
    expect(stored('settings').settings).toEqual({ heartbeat: 10, connect_timeout: 700 })
    expect(stored('tls-domains').domains).toMatchObject([
      { name: 'rmq', ca: null, certificate: '/c.pem', privateKey: '/k.pem', verifyCert: true },
    ])
  })

  test('reads includes from the working directory and from beside the including file', async () => {
    mkdirSync(path('deep/er'), { recursive: true })
    file('deep/main.cfg', route("include_file 'er/one.cfg'"))
    file('deep/er/one.cfg', `${subscribe('E_A', 'rabbitmq:h/one')}\nimport_file "two.cfg"`)
    file('deep/er/two.cfg', subscribe('E_A', 'rabbitmq:h/two'))
    const { subscriptions } = await evi.json<ImportDocument>('import', path('deep/main.cfg'), '--dry-run')
    expect(subscriptions).toMatchObject([
      { file: path('deep/er/one.cfg'), line: 1 },
      { file: path('deep/er/two.cfg'), line: 1 },
    ])
    const script = `cd '${path('deep')}' && evi import main.cfg --dry-run --json`
    expect(JSON.parse((await evi.shell(script)).stdout).subscriptions).toMatchObject([
      { file: 'er/one.cfg' },
      { file: 'er/two.cfg' },
    ])
  })

  test('runs the whole through a preprocessor and keeps the lines', async () => {
    file('inc.cfg', `# one\n${subscribe('E_A', 'rabbitmq:HOST/a')}`)
    const main = file('main.cfg', route('', 'include_file "inc.cfg"', subscribe('E_A', 'rabbitmq:HOST/b')))
    const { subscriptions } = await evi.json<ImportDocument>(
      'import',
      main,
      '--dry-run',
      '--preprocess',
      'sed s/HOST/rmq.example.com/',
    )
    expect(subscriptions).toMatchObject([
      { socket: 'rabbitmq:guest@rmq.example.com:5672/a', file: path('inc.cfg'), line: 2 },
      { socket: 'rabbitmq:guest@rmq.example.com:5672/b', file: main, line: 4 },
    ])
    for (const [command, code] of [
      ['nosuchcommand', 64],
      ['false', 65],
      ['true', 65],
    ] as const)
      expect(await evi.run(['import', main, '--preprocess', command])).toMatchObject({ code, stdout: '' })
  })

  test('takes the values of variables from --define', async () => {
    const config = route('$var(x) = $rU;', subscribe('E_A', 'rabbitmq:$env(HOST)/$var(x)'))
    expect((await documentOf(config)).warnings).toMatchObject([{ code: 'variable', line: 3 }])
    const { subscriptions, warnings } = await documentOf(
      config,
      '--define',
      'env(HOST)=h',
      '--define',
      'x=k=1',
    )
    expect({ sockets: subscriptions.map(({ socket }) => socket), warnings }).toEqual({
      sockets: ['rabbitmq:guest@h:5672/k=1'],
      warnings: [],
    })
    expect(await from(config, '--define', 'secret')).toMatchObject({
      code: 64,
      stderr: expect.not.stringContaining('secret'),
    })
  })

  test('a subscription that is imported, exported and imported again is raised to', async () => {
    const client = await Client.connect()
    const queue = await client.queue(`evi "odd" $queue\\ 100%?;# ${randomUUID()}`)
    const written = queue.replaceAll('%', '%25').replaceAll('?', '%3F').replace(/["\\]/g, '\\$&')
    const config = route(subscribe('E_ODD', `${brokerAddress}/${written.replaceAll('$', '$$$$')}`))
    expect(await from(config)).toMatchObject({ code: 0, stderr: '' })
    const { stdout } = await evi.run(['export'])
    await evi.run(['unsubscribe', 'E_ODD', '--all'])
    expect(await from(stdout)).toMatchObject({ code: 0 })
    expect(await evi.run(['raise', 'E_ODD', '--sync'])).toMatchObject({ code: 0 })
    expect((await client.channel.checkQueue(queue)).messageCount).toBe(1)
    await client.close()
  })

  test('keeps the stored password of a socket that has none', async () => {
    await evi.run(['subscribe', 'E_A', 'rabbitmq:alice:stored@h/a'])
    const { stderr } = await from(route(subscribe('E_A', 'rabbitmq:alice@h/a')))
    expect(stderr).toContain('alice has no password here')
    expect(stored('subscriptions').subscriptions[0].password).toBe('stored')
  })

  test.for<[string, string | Buffer, RegExp]>([
    [
      'a string without an end',
      route('', 'subscribe_event("E_A", "rabbitmq:alice:secret@h/k);'),
      /stdin:3: this string has no end: '"' is missing\.\n {2}subscribe_event\("E_A", "rabbitmq:alice:\*\*\*@h\/k\);\n {25}\^\n/,
    ],
    ['a comment without an end', 'route { }\n/* /* */', /stdin:2: this comment has no end/],
    ['a block without an end', 'startup_route {\n if (1) {\n}\n', /stdin:1: this "\{" is not closed/],
    ['a comment of another language', '// no\n', /stdin:1: a comment begins with "#"/],
    [
      'arguments that are not joined',
      route('subscribe_event("E_A", "rabbitmq:" "h/k");'),
      /stdin:2: expected "\)" before this/,
    ],
    [
      'arguments that are added',
      route('subscribe_event("E_A", "rabbitmq:" + "h/k");'),
      /stdin:2: expected "\)" before this/,
    ],
    [
      'an expiry in quotes',
      route('subscribe_event("E_A", "rabbitmq:h/k", "60");'),
      /expected a number of seconds, without quotes, before this/,
    ],
    [
      'a semicolon that is missing',
      route('subscribe_event("E_A", "rabbitmq:h/k")', 'exit;'),
      /stdin:3: expected ";" before this/,
    ],
    [
      'a second startup_route',
      route('exit;') + route('exit;'),
      /stdin:4: startup_route is there a second time/,
    ],
    ['a file of bytes', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]), /NUL/],
    [
      'bytes without a NUL',
      Buffer.from(Array.from({ length: 4096 }, (_, i) => 1 + ((i * 7919) % 255))),
      /stdin:\d+: /,
    ],
    ['another text', 'Dear Sir or Madam,\nhello\n', /this is no opensips\.cfg/],
    ['a loop', 'include_file "loop.cfg"\n', /loop\.cfg:1: .*loop\.cfg includes itself/],
  ])('refuses %s with 65 and the place', async ([, content, message]) => {
    file('loop.cfg', 'include_file "loop.cfg"\n')
    const script = `cd '${evi.configDirectory}' && evi import -`
    file('input.cfg', content)
    const { code, stdout, stderr } = await evi.shell(`${script} < input.cfg`)
    expect({ code, stdout, stderr }).toEqual({ code: 65, stdout: '', stderr: expect.stringMatching(message) })
    expect(await listed()).toEqual([])
  })

  test('refuses a missing include with 66 and the place, also within a comment', async () => {
    for (const config of ['\ninclude_file "none.cfg"\n', '/*\nimport_file "none.cfg"\n*/']) {
      const { code, stderr } = await from(config)
      expect({ code, stderr }).toEqual({
        code: 66,
        stderr: expect.stringMatching(/stdin:2: .*none\.cfg cannot be read \(no such file\)/),
      })
    }
    expect(await from('# include_file "none.cfg"\nroute { exit; }\n')).toMatchObject({ code: 4 })
  })

  test('takes 50 files within each other, and no more', async () => {
    for (let level = 1; level <= 51; level++) file(`${level}.cfg`, `include_file "${level + 1}.cfg"\n`)
    const innermost = (level: number) => file(`${level}.cfg`, route(subscribe('E_A', 'rabbitmq:h/k')))
    innermost(51)
    expect(await evi.run(['import', path('1.cfg')])).toMatchObject({ code: 0 })
    file('51.cfg', 'include_file "52.cfg"\n')
    innermost(52)
    expect(await evi.run(['import', path('1.cfg')])).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('more than 50 deep'),
    })
  })

  test('reads 10 MB, Latin-1 and a BOM', async () => {
    const filler = '# \xe4 "\nroute[R] { if ($rU == "a\\"b") { xlog("$ru\\n"); } }\n'
    const parts = Array.from({ length: 160_000 }, (_, index) => filler.replace('R', `r${index}`))
    const config = `\xef\xbb\xbf${route(subscribe('E_A', 'rabbitmq:h/k\xc3\xa4'), subscribe('E_A', 'rabbitmq:h/k\xe4'))}${parts.join('')}`
    expect(config.length).toBeGreaterThan(9_000_000)
    const { code, stdout, stderr, ms } = await from(Buffer.from(config, 'latin1'))
    expect({ code, stdout, stderr }).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('rabbitmq:guest@h:5672/kä'),
      stderr: '! stdin:3: The socket is not UTF-8, in which evi writes names. Not taken.\n',
    })
    expect(ms).toBeLessThan(30_000 * slowness)
  })
})
