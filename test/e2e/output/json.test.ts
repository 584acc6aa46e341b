import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Evi, type EviOptions } from '../../helpers/evi/evi.ts'
import { startStandIn } from '../../helpers/opensips/stand-in-opensips.ts'

const directory = join(import.meta.dirname, '../../../docs/schemas')
const names = readdirSync(directory).map((file) => file.replace('.schema.json', ''))
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false })
formats.default(ajv)
for (const name of names)
  ajv.addSchema(JSON.parse(readFileSync(join(directory, `${name}.schema.json`), 'utf8')))

const validated = new Set(['subscription'])
const { socket, host, port } = inject('sandbox')
const exchange = `rabbitmq:${host}:${port}/amq.topic?json.test`
let evi: Evi

beforeAll(async () => {
  evi = new Evi()
  await evi.run(['subscribe', 'E_JSON', exchange])
})
afterAll(() => evi.dispose())

test('docs/json.md names each schema', () => {
  const page = readFileSync(join(directory, '../json.md'), 'utf8')
  expect(names.filter((name) => !page.includes(`schemas/${name}.schema.json`))).toEqual([])
})

test.for<[string, string[], EviOptions?]>([
  ['error', ['raise', 'E_NOT_SUBSCRIBED']],
  ['error', ['list', '--nonsense']],
  ['error', ['setup']],
  ['help', ['help', 'raise']],
  ['completion', ['completion', 'fish']],
  ['list', ['list']],
  ['subscribe', ['subscribe', 'E_OTHER', exchange, '--expire', '60']],
  ['subscribe-batch', ['subscribe', '--batch', '-'], { input: `E_MANY ${exchange}\n` }],
  ['import', ['import', 'test/vectors/opensips/cfg/14-tls.cfg', '--dry-run']],
  ['import', ['import', 'test/vectors/opensips/cfg/10-routes.cfg', '--dry-run']],
  ['export', ['export']],
  ['export', ['export', 'E_JSON', '--mi', '--for', '3.1']],
  ['unsubscribe', ['unsubscribe', 'E_MANY']],
  ['raise', ['raise', 'E_JSON', '--param', 'a=b']],
  ['raise', ['raise', 'E_JSON', '--socket', socket, '--socket', `rabbitmq:${host}:1/q`, '--sync']],
  ['raise', ['raise', 'E_JSON', '--verify']],
  ['raise-dry-run', ['raise', 'E_JSON', '--dry-run']],
  ['raise-stream', ['raise', '-'], { input: '{"jsonrpc":"2.0","method":"E_JSON"}\nnonsense\n' }],
  ['raise-stream', ['raise', '-', '--sync'], { input: '{"jsonrpc":"2.0","method":"E_JSON"}\n' }],
  ['events', ['events']],
  ['events', ['events', 'acc']],
  ['check', ['check']],
  ['check', ['check', '--socket', `rabbitmq:${host}:1/q`]],
  ['check', ['check', '--probe']],
  ['map', ['map']],
  ['map', ['map', '--check']],
  ['declare', ['declare', `rabbitmq:${host}:${port}/amq.topic?json.declare`, '--yes']],
  ['declare', ['declare', `rabbitmq:${host}:1/q`]],
  ['settings', ['settings']],
  ['password', ['password', 'E_JSON', '--password-file', '-'], { input: 'guest' }],
  ['password', ['password', 'E_JSON', '--password-file', '-'], { input: 'wrong' }],
  ['context-list', ['context']],
  ['context-create', ['context', 'create', 'staging']],
  ['context-show', ['context', 'show', '--context', 'staging']],
  ['context-copy', ['context', 'copy', 'staging', 'other']],
  ['context-use', ['context', 'use', 'default']],
  ['context-remove', ['context', 'remove', 'other', '--yes']],
  ['bench', ['bench', exchange, '--count', '2000']],
  ['tls-domain-set', ['tls-domain', 'set', 'office', '--no-verify-cert']],
  ['tls-domain-list', ['tls-domain', 'list']],
  ['tls-domain-remove', ['tls-domain', 'remove', 'office']],
])('what evi prints is as %s.schema.json says: evi %o', async ([schema, argv, options]) => {
  const { stdout } = await evi.run([...argv, '--json'], options)
  expectValid(schema, stdout)
})

test('each line of tail is as tail.schema.json says', async () => {
  const tail = evi.start(['tail', '--socket', exchange, '--count', '1', '--json'])
  await tail.said('stderr', /Watching/)
  await evi.run(['raise', 'E_JSON', '--socket', exchange, '--param', 'a=b'])
  expectValid('tail', (await tail.ended).stdout)
})

test('what is printed of OpenSIPS is as the schemas say', async () => {
  const opensips = await startStandIn()
  opensips.memory.subscribe('E_JSON', exchange.replace(/\/([^/?]*)\?/, '/exchange=$1?'))
  const url = ['--opensips', opensips.urls.http, '--json']
  expectValid('raise-opensips', (await evi.run(['raise', 'E_JSON', '--socket', exchange, ...url])).stdout)
  expectValid('check', (await evi.run(['check', '--socket', exchange, ...url])).stdout)
  await opensips.close()
})

test('the socket of a sandbox is as sandbox.schema.json says', async () => {
  const sandbox = evi.start(['sandbox', '--json'])
  await sandbox.said('stdout', /\n/)
  sandbox.kill('SIGINT')
  expectValid('sandbox', (await sandbox.ended).stdout)
})

test('every schema was held against something that evi printed', () => {
  expect(names.filter((name) => !validated.has(name))).toEqual([])
})

/** Each line of the output is a document of the schema. */
function expectValid(schema: string, stdout: string): void {
  const validate = ajv.getSchema(`${schema}.schema.json`)
  const lines = stdout.trimEnd().split('\n')
  for (const line of lines) {
    validate?.(JSON.parse(line))
    const faults = validate?.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`)
    expect({ line, faults }).toEqual({ line, faults: undefined })
  }
  validated.add(schema)
}
