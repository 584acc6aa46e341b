import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeDirectory } from '#lib/sandbox/directory.ts'
import { findServer, serverDirectories } from '#lib/sandbox/find-server.ts'
import { layOutHome } from '#lib/sandbox/node-files.ts'
import { superviseHome } from '#lib/sandbox/supervisor.ts'
import { serve } from '../../helpers/brokers/local-server.ts'
import { type Part, runSandbox, runSandboxIn } from '../../helpers/brokers/run-sandbox.ts'
import { program } from '../../helpers/evi/program.ts'
import { slowness } from '../../helpers/slowness.ts'

test('a command finds the socket in its environment and gives the exit code', async () => {
  await using sandbox = runSandbox('--', 'sh', '-c', 'echo "$EVI_SANDBOX_SOCKET"; exit 7')
  expect(await sandbox.ended).toBe(7)
  expect(sandbox.stdout).toMatch(/^rabbitmq:guest:guest@127\.0\.0\.1:\d+\/evi\n$/)
  expect(sandbox.stderr).toMatch(/^Starting RabbitMQ (?:…|\.\.\.)\nRabbitMQ [\d.]+ is up after [\d.]+ s\.\n$/)
  await sandbox.leavesNothing()
})

test('SIGINT ends it and leaves nothing behind', async () => {
  await using sandbox = runSandbox()
  await sandbox.prints('/evi\n')
  sandbox.kill('SIGINT')
  expect(await sandbox.ended).toBe(0)
  await sandbox.leavesNothing()
})

test('an interruption while RabbitMQ starts leaves nothing behind', async () => {
  await using sandbox = runSandbox()
  await sandbox.says('Starting')
  sandbox.kill('SIGTERM')
  expect(await sandbox.ended).toBe(130)
  await sandbox.leavesNothing()
})

test('even a killed evi leaves nothing behind', async () => {
  await using sandbox = runSandbox()
  await sandbox.prints('/evi\n')
  sandbox.kill('SIGKILL')
  await sandbox.leavesNothing()
})

test('--json prints one document, and --management serves HTTP, until the terminal hangs up', async () => {
  await using sandbox = runSandbox('--json', '--management')
  await sandbox.prints('}\n')
  const { socket, host, port, managementUrl } = JSON.parse(sandbox.stdout)
  expect(host).toBe('127.0.0.1')
  expect(socket).toBe(`rabbitmq:guest:guest@${host}:${port}/evi`)
  const authorization = `Basic ${btoa('guest:guest')}`
  const response = await fetch(`${managementUrl}/api/overview`, { headers: { authorization } })
  expect(await response.json()).toMatchObject({ product_name: 'RabbitMQ' })
  sandbox.kill('SIGHUP')
  expect(await sandbox.ended).toBe(0)
  await sandbox.leavesNothing()
})

test('a RabbitMQ that ends by itself is an error', async () => {
  await using sandbox = runSandbox('--json')
  await sandbox.prints('}\n')
  sandbox.killPart('broker')
  expect(await sandbox.ended).toBe(69)
  expect(JSON.parse(sandbox.stdout.split('\n')[1] ?? '').error.message).toMatch(/^RabbitMQ ended by itself\./)
  await sandbox.leavesNothing()
})

test('a directory without RabbitMQ is named', async () => {
  const message = `There is no rabbitmq-server in ${JSON.stringify(import.meta.dirname)}.`
  await using byFlag = runSandbox('--rabbitmq', import.meta.dirname)
  await using byVariable = runSandboxIn({ environment: { EVI_RABBITMQ_HOME: import.meta.dirname } })
  for (const sandbox of [byFlag, byVariable]) {
    expect(await sandbox.ended).toBe(69)
    expect(sandbox.stderr).toContain(message)
    expect(sandbox.stderr).toContain('evi sandbox --rabbitmq DIR')
    await sandbox.leavesNothing()
  }
})

test('arguments without -- are refused before anything starts', async () => {
  await using sandbox = runSandbox('true')
  expect(await sandbox.ended).toBe(64)
  expect(sandbox.stderr).toContain('evi sandbox -- COMMAND')
})

test('a command that cannot be run is refused before anything starts', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
  const text = join(directory, 'text')
  writeFileSync(text, '', { mode: 0o644 })
  const refusals = {
    nosuchprogram: 'There is no command "nosuchprogram".',
    [text]: `The command "${text}" cannot be run: it is not an executable file.`,
  }
  for (const [command, sentence] of Object.entries(refusals)) {
    await using sandbox = runSandbox('--', command)
    expect(await sandbox.ended).toBe(64)
    expect(sandbox.stderr).toContain(`evi: ${sentence}\n`)
    expect(sandbox.stderr).not.toContain('Starting')
  }
  rmSync(directory, { recursive: true })
})

test.for<{ killed: Part[] }>([
  { killed: ['home supervisor'] },
  { killed: ['node supervisor'] },
  { killed: ['epmd', 'home supervisor'] },
  { killed: ['node supervisor', 'home supervisor'] },
])('evi cleans up and reports the end when these are killed: $killed', async ({ killed }) => {
  await using sandbox = runSandbox()
  await sandbox.prints('/evi\n')
  for (const part of killed) sandbox.killPart(part)
  expect(await sandbox.ended).toBe(69)
  expect(sandbox.stderr).toMatch(/RabbitMQ ended by itself\. Its log:.*supervisor .* was ended by SIGKILL/s)
  await sandbox.leavesNothing()
})

test('Ctrl-C ends a sandbox whose epmd was killed', async () => {
  await using sandbox = runSandbox()
  await sandbox.prints('/evi\n')
  sandbox.killPart('epmd')
  sandbox.kill('SIGINT')
  expect(await sandbox.ended).toBe(0)
  await sandbox.leavesNothing()
})

test.for<{ killed: Part[] }>([
  { killed: ['evi', 'home supervisor'] },
  { killed: ['node supervisor', 'evi'] },
])('the other supervisor cleans up when these are killed: $killed', async ({ killed }) => {
  await using sandbox = runSandbox()
  await sandbox.prints('/evi\n')
  for (const part of killed) sandbox.killPart(part)
  await sandbox.leavesNothing()
})

test('the command ends with a killed evi', async () => {
  await using sandbox = runSandbox('--', 'sh', '-c', 'trap "" TERM HUP; echo ready; sleep 300; sleep 300')
  await sandbox.prints('ready')
  sandbox.kill('SIGKILL')
  await sandbox.leavesNothing()
})

test.runIf(process.platform === 'linux')(
  'the next start removes a sandbox that lost evi and both supervisors, and leaves one that is alive',
  async () => {
    await using lost = runSandbox()
    await lost.prints('/evi\n')
    for (const part of ['node supervisor', 'home supervisor', 'evi'] as const) lost.killPart(part)
    await lost.ended
    await using alive = runSandboxIn({ directory: lost.directory })
    await alive.prints('/evi\n')
    await using other = runSandboxIn({ directory: lost.directory }, '--', 'true')
    expect(await other.ended).toBe(0)
    alive.kill('SIGINT')
    expect(await alive.ended).toBe(0)
    await lost.leavesNothing()
  },
)

const deaf = ['--', 'sh', '-c', 'trap "" TERM INT HUP; echo ready; while :; do sleep 1; done']

test('a second signal kills a command that ignores the first', async () => {
  await using sandbox = runSandbox(...deaf)
  await sandbox.prints('ready')
  sandbox.kill('SIGTERM')
  const again = setInterval(() => sandbox.kill('SIGHUP'), 100)
  expect(await sandbox.ended).toBe(137)
  clearInterval(again)
  expect(sandbox.stderr).toMatch(/A second SIGHUP: the command is killed\./)
  await sandbox.leavesNothing()
})

test('two signals in one moment leave a command the time to end', async () => {
  const ending = 'trap "echo ending; sleep 1; exit 3" TERM HUP; echo ready; while :; do sleep 0.1; done'
  await using sandbox = runSandbox('--', 'sh', '-c', ending)
  await sandbox.prints('ready')
  sandbox.kill('SIGTERM')
  sandbox.kill('SIGHUP')
  expect(await sandbox.ended).toBe(3)
  expect(sandbox.stderr).not.toMatch(/killed/)
})

test('a command that ignores SIGTERM is killed after 10 s', async () => {
  await using sandbox = runSandbox(...deaf)
  await sandbox.prints('ready')
  sandbox.kill('SIGTERM')
  expect(await sandbox.ended).toBe(137)
  expect(sandbox.stderr).toContain('The command has not ended within 10 s of SIGTERM: it is killed.')
  await sandbox.leavesNothing()
})

test('a signal that ends the command gives the exit code', async () => {
  await using sandbox = runSandbox('--', 'sh', '-c', 'echo ready; exec sleep 300')
  await sandbox.prints('ready')
  sandbox.kill('SIGTERM')
  expect(await sandbox.ended).toBe(143)
  await sandbox.leavesNothing()
})

test('the end of RabbitMQ is reported while a command runs, whose exit code counts', async () => {
  await using sandbox = runSandbox('--', 'sh', '-c', 'echo ready; read -r line <"$TMPDIR/fifo"; exit 3')
  spawnSync('mkfifo', [join(sandbox.directory, 'fifo')])
  await sandbox.prints('ready')
  sandbox.killPart('broker')
  await sandbox.says('RabbitMQ ended by itself. Its log:')
  writeFileSync(join(sandbox.directory, 'fifo'), '\n')
  expect(await sandbox.ended).toBe(3)
  rmSync(join(sandbox.directory, 'fifo'))
  await sandbox.leavesNothing()
})

test.for([
  { name: 'missing', make: () => {}, reason: 'it does not exist' },
  { name: 'a file', make: (path: string) => writeFileSync(path, ''), reason: 'it is not a directory' },
  { name: "one's own", make: mkdirSync, reason: "RabbitMQ does not start where a path contains '" },
  { name: 'a "quote"', make: mkdirSync, reason: 'RabbitMQ does not start where a path contains "' },
  { name: 'n'.repeat(300), make: () => {}, reason: 'its path is too long' },
])(
  'a directory for temporary files that cannot serve is named at once: $reason',
  async ({ name, make, reason }) => {
    const parent = mkdtempSync(join(tmpdir(), 'evi-test-'))
    const directory = join(parent, name)
    make(directory)
    await using sandbox = runSandboxIn({ directory }, '--', 'true')
    expect(await sandbox.ended).toBe(74)
    expect(sandbox.stderr).toContain(`have its files in ${JSON.stringify(directory)}: ${reason}.`)
    expect(sandbox.stderr).toContain('TMPDIR=/var/tmp evi sandbox')
    rmSync(parent, { recursive: true })
  },
)

test('a low limit of open files is raised, and named where it cannot be', async () => {
  const limited = (limit: string) =>
    ['sh', '-c', `ulimit ${limit} 60; exec "$0" "$@"`, ...program, 'sandbox', '--', 'true'] as const
  const run = ([file, ...argv]: readonly [string, ...string[]]) =>
    spawnSync(file, argv, { encoding: 'utf8', timeout: Math.round(50_000 * slowness) })
  expect(run(limited('-S -n'))).toMatchObject({ status: 0 })
  const { status, stderr } = run(limited('-n'))
  expect(status).toBe(69)
  expect(stderr).toMatch(/open files: 60 \(ulimit -n\); RabbitMQ needs 256\..*ulimit -n 1024/s)
})

test('a directory for temporary files may have blanks, dollars, line ends and any Unicode in its name', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'evi-test-'))
  const directory = join(parent, 'a b\n$c;(ü)&\\d')
  mkdirSync(directory)
  await using sandbox = runSandboxIn({ directory }, '--', 'true')
  expect(await sandbox.ended).toBe(0)
  await sandbox.leavesNothing()
  rmSync(parent, { recursive: true })
})

test('a home whose epmd finds its port taken says so, by which the next attempt takes others', async () => {
  const { port, close } = await serve(() => {})
  const bin = findServer(serverDirectories(process.env.PATH))
  const home = makeDirectory((directory) => layOutHome(directory, bin, port))
  const supervisor = superviseHome(home)
  await vi.waitFor(() => expect(supervisor.output()).toMatch(/port \d+ may be in use/), 20_000 * slowness)
  await supervisor.release()
  expect(existsSync(home.directory)).toBe(false)
  await close()
})

test('in a command rabbitmqctl and rabbitmqadmin reach the sandbox', async () => {
  // The first and the second rabbitmqadmin differ in their syntax.
  const script =
    '{ rabbitmqadmin declare queue name=made-here || rabbitmqadmin declare queue --name made-here; } >/dev/null 2>&1; ' +
    'echo "$HOME"; rabbitmqctl -q list_queues name'
  // Of a user who mostly works with another node.
  const environment = { RABBITMQ_NODENAME: 'other@localhost', ERL_EPMD_PORT: '4369' }
  await using sandbox = runSandboxIn({ environment }, '--management', '--', 'sh', '-c', script)
  expect(await sandbox.ended).toBe(0)
  expect(sandbox.stdout).toContain(`${process.env.HOME}\n`)
  expect(sandbox.stdout).toMatch(/^made-here$/m)
  await sandbox.leavesNothing()
})

test('rabbitmqadmin says that a sandbox has no management API', async () => {
  await using sandbox = runSandbox('--', 'rabbitmqadmin', 'list', 'queues')
  expect(await sandbox.ended).toBe(1)
  expect(sandbox.stderr).toContain('evi sandbox --management')
  await sandbox.leavesNothing()
})
