import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { version } from '#lib/version.ts'
import { testBroker } from '../helpers/brokers/sandbox.ts'
import { deb, executable, tarball } from './files.ts'
import { PristineRoot, reasonAgainstRoots } from './pristine-root.ts'

const reason = reasonAgainstRoots()
if (reason) process.stderr.write(`Not tried on pristine roots: ${reason}\n`)

const raise = `evi raise E_TEST --json --socket 'rabbitmq:${testBroker.host}:${testBroker.port}/of-no-queue'`

describe.skipIf(reason).each(['bookworm', 'trixie'])('on a pristine %s', (suite) => {
  let root: PristineRoot

  beforeAll(() => {
    root = new PristineRoot(suite)
    root.addUser()
  })
  afterAll(() => root.dispose())

  test('the executable raises an event as an ordinary user', () => {
    root.copy(executable, '/usr/local/bin/evi')
    const raised = root.run(raise, { as: 'user' })
    expect([raised.status, raised.stdout]).toEqual([5, expect.stringContaining('"unroutable"')])
    root.run('rm /usr/local/bin/evi')
  })

  test('the .deb is installed, used as an ordinary user, and removed without a trace', () => {
    root.copy(deb, '/tmp/evi.deb')
    const before = filesOf(root)
    const installed = root.run('dpkg --install /tmp/evi.deb')
    expect([installed.status, installed.stderr]).toEqual([0, ''])
    expect(root.run('evi --version', { as: 'user' }).stdout).toContain(`evi/${version} `)
    expect(root.run(raise, { as: 'user' }).status).toBe(5)
    expect(root.run('dpkg --verify evi').stdout).toBe('')
    expect(root.run('dpkg --purge evi').status).toBe(0)
    expect(filesOf(root)).toEqual(before)
  })

  test('npm installs the package globally, with a Node.js that is new enough', () => {
    root.copy(process.execPath, '/usr/local/bin/node')
    const program = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim()
    const npm = dirname(dirname(realpathSync(program)))
    root.copy(npm, '/usr/local/lib/node_modules/npm')
    root.copy(tarball, '/tmp/evi.tgz')
    const run = 'node /usr/local/lib/node_modules/npm/bin/npm-cli.js'
    const installed = root.run(`${run} install --global --offline /tmp/evi.tgz`)
    expect([installed.status, installed.stderr]).toEqual([0, expect.any(String)])
    expect(root.run(raise, { as: 'user' }).status).toBe(5)
    expect(root.run(`${run} uninstall --global evi && command -v evi`).stdout).not.toContain('/evi')
  })
})

/** All files but those that dpkg keeps for itself, and those of users. */
function filesOf({ directory }: PristineRoot): readonly string[] {
  const kept = ['./var/lib/dpkg', './var/log', './proc', './home', './root', './tmp', './var/cache/ldconfig']
  const pruned = kept.flatMap((path) => ['-path', path, '-prune', '-o'])
  return execFileSync('find', ['.', ...pruned, '-print'], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
    .trim()
    .split('\n')
    .sort()
}
