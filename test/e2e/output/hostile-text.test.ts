import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shellWord } from '#lib/text/shell-word.ts'
import { brokenBroker, closeFrame, start } from '../../helpers/brokers/broken-broker.ts'
import { brokerAddress, Client } from '../../helpers/brokers/client.ts'
import type { LocalServer } from '../../helpers/brokers/local-server.ts'
import { Evi } from '../../helpers/evi/evi.ts'
import { broken, hostile, hostileWord, leftovers } from '../../helpers/evi/hostile-text.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

const evi = new Evi()
const queue = `q-${randomUUID()}-${hostile.slice(-60)}`
const servers: { close(): unknown }[] = []
let client: Client
let management: string
let refusing: LocalServer
let naming: LocalServer

beforeAll(async () => {
  client = await Client.connect()
  await client.queue(queue)
  management = await hostileManagement()
  refusing = await brokenBroker({ open: ({ say }) => say(closeFrame(0, 530, hostile.slice(-90))) })
  naming = await brokenBroker({ header: ({ say }) => say(start({ product: hostile, version: hostile })) })
  servers.push(refusing, naming)
  for (const place of ['stored', 'settings', 'domains', 'newer']) mkdirSync(join(evi.configDirectory, place))
  writeStores()
})
afterAll(async () => {
  for (const server of servers) await server.close()
  await client.close()
  await evi.dispose()
})

/** A management API of the test broker's cluster, in which everything else has a hostile name. */
async function hostileManagement(): Promise<string> {
  const exchange = { name: hostile, type: hostile, arguments: {}, policy: hostile }
  const binding = {
    source: hostile,
    destination: hostile,
    destination_type: 'queue',
    routing_key: hostile,
    arguments: {},
  }
  const server: Server = createServer(({ url = '' }, response) => {
    const list = /exchanges\/[^/]+$/.test(url)
    const document = url.endsWith('cluster-name')
      ? { name: client.cluster }
      : url.includes('bindings')
        ? [binding]
        : list
          ? [exchange]
          : { ...exchange, definition: {} }
    response.end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What another program, or a bad disk, may have written into evi's directory. */
function writeStores(): void {
  const place = (...names: string[]) => join(evi.configDirectory, ...names)
  const socket = `rabbitmq:u@h/vhost=${encodeURIComponent(hostile.slice(-60))};tls_domain=${encodeURIComponent(hostileWord.slice(-40))}?k`
  const one = {
    event: hostile,
    socket,
    password: hostile,
    subscribedAt: '2026-11-23T09:00:00.000Z',
    expire: null,
  }
  writeFileSync(place('stored', 'subscriptions.json'), JSON.stringify({ version: 1, subscriptions: [one] }))
  writeFileSync(
    place('settings', 'settings.json'),
    JSON.stringify({ version: 1, settings: { [hostile]: hostile, timeout: hostile } }),
  )
  const domain = {
    name: hostile,
    ca: `/nowhere/${hostile}`,
    certificate: hostile,
    privateKey: hostile,
    verifyCert: true,
    serverName: hostile,
  }
  writeFileSync(place('domains', 'tls-domains.json'), JSON.stringify({ version: 1, domains: [domain] }))
  writeFileSync(place('newer', 'subscriptions.json'), JSON.stringify({ version: hostile }))
}

/** `$H` and `$W` are hostile, `$B` is no UTF-8. */
const everywhere: Readonly<Record<string, string>> = {
  'an unknown command': 'evi "$H"',
  'an unknown command, its help': 'evi "$H" --help',
  'a topic that is not there': 'evi help "$H"',
  'an unexpected argument': 'evi list E_X "$H"',
  'an unexpected argument, as JSON': 'evi list E_X "$H" --json',
  'an argument before --help': 'evi list "$H" --help',
  'an unknown flag': 'evi list "--$H"',
  'a flag without its value': 'evi raise "$W" --rate',
  'a flag of the wrong form': 'evi raise E_X --rate "$H"',
  'a setting of the wrong form': 'evi raise E_X --connect-timeout "$H"',
  'flags that cannot be used together': 'evi raise "$H" --dry-run --verify',
  'an event':
    'evi raise "$H"; evi subscribe "$H" rabbitmq:h/q; evi list "$H"; evi unsubscribe "$H"; evi tail "$H"',
  'an event without blanks': 'evi raise "$W" --socket rabbitmq:h/q --dry-run; evi map "$W"; evi check "$W"',
  'a parameter': 'evi raise E_X --param "$H"; evi raise E_X --param "$H:=$H"; evi raise E_X --params "$H"',
  'a parameter given twice': 'evi raise E_X --param "$H=1" --param "$H=2" --socket rabbitmq:h/q',
  'a header':
    'evi raise E_X --header "$H" --socket rabbitmq:h/q; evi raise E_X --header "$H=1" --header "$H=2"',
  'a socket':
    'evi raise E_X --socket "$H"; evi raise E_X --socket "rabbitmq:$H/q"; evi raise E_X --socket "rabbitmq:h/$H%"',
  'a user': 'evi raise E_X --socket "rabbitmq:$P:x@$A/q"',
  'a vhost': 'evi raise E_X --socket "rabbitmq:guest:guest@$A/vhost=$P?q"',
  'an exchange':
    'evi raise E_X --socket "rabbitmq:guest:guest@$A/$P?q"; evi check --socket "rabbitmq:guest:guest@$A/$P?q"',
  'a routing key': 'evi raise E_X --socket "rabbitmq:guest:guest@$A/$P"; evi map --check',
  'a queue':
    'evi tail --socket "rabbitmq:guest:guest@$A/$Q"; evi check --socket "rabbitmq:guest:guest@$A/$Q"; evi raise E_X --socket "rabbitmq:guest:guest@$A/$Q"',
  'a message': 'evi tail --peek --socket "rabbitmq:guest:guest@$A/$Q"',
  'a message, as JSON': 'evi tail --peek --json --socket "rabbitmq:guest:guest@$A/$Q"',
  'a TLS domain':
    'evi raise E_X --socket "rabbitmq:h/tls_domain=$P?q"; evi tls-domain set "$H"; evi tls-domain remove "$H"',
  'a name of a file':
    'evi raise E_X --password-file "/nowhere/$W"; evi raise E_X --batch "/nowhere/$W"; evi raise E_X --params "@/nowhere/$W"; evi subscribe --batch "/$W"; evi tls-domain set x --ca "/$W"; evi raise - --failed "/nowhere/$W" </dev/null',
  'lines of a stream':
    'printf "%s\\n" "$H" "{}" | evi raise - --socket rabbitmq:h/q; printf "E_X %s\\n" "$W" | evi subscribe --batch -',
  'a variable':
    'EVI_TIMEOUT=$H evi raise E_X --socket rabbitmq:h/q; evi raise E_X --socket rabbitmq:u@h/q --password-env "$W"',
  'the variables of a terminal':
    'TERM=$H COLUMNS=$H LANG=$H FORCE_COLOR=$H evi list; NO_COLOR=$H evi raise; DEBUG=$H EVI_DEBUG=1 evi list "$H" x',
  'a home':
    'env -u EVI_CONFIG_DIR HOME="/nowhere/$W" XDG_CONFIG_HOME="/dev/null/$W" evi subscribe E_X rabbitmq:h/q',
  'a directory':
    'EVI_CONFIG_DIR="/dev/null/$W" evi settings timeout 1; EVI_CONFIG_DIR="/dev/null/$W" evi list',
  'a stored subscription':
    'for C in list check map raise\\ E_X "unsubscribe E_X"; do EVI_CONFIG_DIR=$C0/stored evi $C; done; EVI_CONFIG_DIR=$C0/newer evi list',
  'a stored setting':
    'EVI_CONFIG_DIR=$C0/settings evi settings; evi settings "$H"; evi settings timeout "$H"',
  'a stored TLS domain':
    'EVI_CONFIG_DIR=$C0/domains evi tls-domain list; EVI_CONFIG_DIR=$C0/domains evi tls-domain list --json',
  'a broker that refuses':
    'evi raise E_X --socket "rabbitmq:u:p@$REFUSING/q"; evi check --socket "rabbitmq:u:p@$REFUSING/q"',
  'a broker that names itself': 'evi check --socket "rabbitmq:u:p@$NAMING/q"',
  'a management API':
    'evi check --socket "rabbitmq:guest:guest@$A/amq.topic?q" --management "$MANAGEMENT"; evi subscribe E_X "rabbitmq:guest:guest@$A/amq.topic?q" >/dev/null 2>&1; evi map --management "$MANAGEMENT"; evi check --management "http://$W/"; evi check --management "$H"',
  'bytes that are no UTF-8':
    'evi list "$B"; evi "$B"; EVI_TIMEOUT=$B evi raise E_X --socket rabbitmq:h/q; printf "%s\\n" "$B" | evi raise - --socket rabbitmq:h/q; evi raise E_X --batch "$B"',
}
const names = Object.keys(everywhere)
const mark = '=== next ==='

/** Runs all of it, on a terminal or into a file, and returns what came of each, byte for byte. */
async function runAll(onTerminal: boolean): Promise<ReadonlyMap<string, Buffer>> {
  const place = join(evi.configDirectory, onTerminal ? 'terminal' : 'pipe')
  const variables = {
    H: hostile,
    W: hostileWord,
    P: encodeURIComponent(hostile.slice(-80)),
    Q: encodeURIComponent(queue),
    A: brokerAddress.split('@')[1] as string,
    C0: evi.configDirectory,
    MANAGEMENT: management,
    REFUSING: `127.0.0.1:${refusing.port}`,
    NAMING: `127.0.0.1:${naming.port}`,
  }
  const lines = [
    'stty cols 200 2>/dev/null',
    'export EVI_TIMEOUT=2000',
    ...Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`),
    `export B=$(printf '${[...broken].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}')`,
    `evi() { ${evi.command} "$@"; }`,
    ...names.flatMap((name) => [everywhere[name] as string, `echo '${mark}'`]),
  ]
  writeFileSync(`${place}.sh`, lines.join('\n'))
  const run = `bash ${shellWord(`${place}.sh`)}`
  const command = onTerminal ? `script -qfec ${shellWord(run)} /dev/null` : run
  await evi.shell(`env -u NODE_OPTIONS ${command} > ${shellWord(place)} 2>&1 < /dev/null`)
  const parts = readFileSync(place).toString('latin1').split(mark)
  return new Map(names.map((name, index) => [name, Buffer.from(parts[index] ?? '', 'latin1')]))
}

describe.each([
  ['a terminal', true],
  ['a pipe', false],
] as const)('nothing but text reaches %s, whatever is hostile', (_, onTerminal) => {
  let said: ReadonlyMap<string, Buffer>
  beforeAll(async () => {
    const body = Buffer.from(
      JSON.stringify({ jsonrpc: '2.0', method: hostile, params: { [hostile]: hostile } }),
    )
    const properties = { messageId: hostileWord.slice(0, 60), headers: { [hostile.slice(0, 60)]: hostile } }
    for (const content of [body, Buffer.from(hostile), broken])
      client.channel.sendToQueue(queue, content, properties)
    said = await runAll(onTerminal)
  })

  test.each(names)('%s', (name) => {
    const bytes = said.get(name) as Buffer
    expect(bytes.length).toBeGreaterThan(2)
    expect(isUtf8(bytes)).toBe(true)
    const text =
      name === 'lines of a stream' || name === 'bytes that are no UTF-8' ? withoutDrawing : withoutStatusLine
    expect(leftovers(text(bytes.toString()))).toEqual([])
    expect(bytes.toString()).not.toMatch(/went wrong|throw new/)
  })
})

test('JSON means the same, though what is hostile in it is escaped', async () => {
  const name = hostile.replaceAll('=', '')
  const { stdout } = await evi.run([
    'raise',
    'E_X',
    '--param',
    `${name}=${hostile}`,
    '--socket',
    'rabbitmq:127.0.0.1:1/q',
    '--json',
  ])
  expect(leftovers(stdout)).toEqual([])
  expect(JSON.parse(JSON.parse(stdout).payload).params).toEqual({ [name]: hostile })
})

test('a --dry-run into a pipe is the payload byte for byte, and on a terminal harmless', async () => {
  const words = ['raise', 'E_X', '--dry-run', '--socket', 'rabbitmq:h/q', '--param']
  const { stdout } = await evi.run([...words, `a=${hostile}`])
  expect(JSON.parse(stdout)).toEqual({ jsonrpc: '2.0', method: 'E_X', params: { a: hostile } })
  await using terminal = new Terminal(evi, [...words, '"a=$H"'], { H: hostile })
  await terminal.shows('jsonrpc')
  expect(await terminal.ended()).toBe(0)
  expect(leftovers(terminal.raw)).toEqual([])
})

test("names from the broker are text in the wizard's questions, too", async () => {
  await using terminal = new Terminal(evi, ['setup', 'E_X', '--management', management])
  await terminal.answer('Which broker?', 'RabbitMQ e', keys.enter)
  await terminal.answer('Host', brokerAddress.split('@')[1] as string, keys.enter)
  await terminal.answer('User', keys.enter)
  await terminal.answer('Vhost', keys.enter)
  await terminal.shows('Exchange')
  await terminal.shows('\\x1b]0;owned\\x07')
  terminal.type(keys.interrupt)
  await terminal.ended()
  expect(leftovers(withoutDrawing(terminal.raw))).toEqual([])
})

/** A command that takes long draws a line about it, and erases it. */
function withoutStatusLine(raw: string): string {
  return raw.replace(new RegExp(`\\r([^\\r\\n${keys.esc}]*)${keys.esc}\\[K`, 'g'), '$1')
}

/** Prompts and progress move the cursor and colour with more than evi itself does. */
function withoutDrawing(raw: string): string {
  const drawing = new RegExp(`${keys.esc}(?:\\[\\d*(?:;\\d+)?[A-HJKm]|\\[\\?(?:7|25)[hl]|[78])`, 'g')
  return raw.replace(drawing, '').replaceAll('\r', '')
}
