import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findServer, findServerAt, serverDirectories } from '#lib/sandbox/find-server.ts'
import { startSandbox } from '#lib/sandbox/sandbox.ts'

let empty: string
let installed: string

beforeAll(() => {
  empty = mkdtempSync(join(tmpdir(), 'evi-test-'))
  installed = mkdtempSync(join(tmpdir(), 'evi-test-'))
  writeFileSync(join(installed, 'rabbitmq-server'), '')
  chmodSync(join(installed, 'rabbitmq-server'), 0o755)
})
afterAll(() => {
  for (const directory of [empty, installed]) rmSync(directory, { recursive: true })
})

test('without RabbitMQ a sandbox is refused with the ways to get one', async () => {
  await expect(startSandbox({ directories: [empty] })).rejects.toMatchObject({
    code: 'unreachable',
    message: 'There is no RabbitMQ on this machine.',
    hint: expect.stringMatching(/apt-get install rabbitmq-server.*brew install rabbitmq.*docker run/s),
  })
})

test('the first directory with a server is taken', () => {
  expect(findServer([empty, installed])).toBe(installed)
})

test("a server of the user goes before the packages' own, and their wrappers come last", () => {
  const directories = serverDirectories('/usr/sbin::/home/alice/rabbitmq/sbin:/bin')
  expect(directories[0]).toBe('/home/alice/rabbitmq/sbin')
  expect(directories[1]).toBe('/usr/lib/rabbitmq/bin')
  expect(directories.slice(-2)).toEqual(['/usr/sbin', '/bin'])
})

test('a RabbitMQ is found by its directory of programs and by where it was unpacked', () => {
  const unpacked = mkdtempSync(join(tmpdir(), 'evi-test-'))
  const programs = join(unpacked, 'usr/lib/rabbitmq/bin')
  cpSync(installed, programs, { recursive: true })
  expect([findServerAt(programs), findServerAt(unpacked)]).toEqual([programs, programs])
  expect(findServer(serverDirectories('', unpacked))).toBe(programs)
  rmSync(unpacked, { recursive: true })
})
