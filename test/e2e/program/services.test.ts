import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { testBroker } from '../../helpers/brokers/sandbox.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const { host, port } = testBroker
const exchange = `rabbitmq:${host}:${port}/amq.topic?services.test`
const missing = `rabbitmq:${host}:${port}/of-services-test`
const directory = mkdtempSync(join(tmpdir(), 'evi-services-'))

useEvi()
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('--quiet', () => {
  test('prints nothing of a subscription and a check that go well', async () => {
    const queue = `of-services-test-${process.pid}`
    const socket = `rabbitmq:${host}:${port}/${queue}`
    for (const words of [
      ['subscribe', 'E_QUIET', socket],
      ['declare', 'E_QUIET', '--yes'],
      ['check', 'E_QUIET'],
      ['raise', 'E_QUIET', '--sync'],
      ['unsubscribe', 'E_QUIET'],
    ]) {
      const { code, stdout, stderr } = await evi.run([...words, '--quiet'])
      expect({ words, code, stdout, stderr }).toEqual({ words, code: 0, stdout: '', stderr: '' })
    }
  })

  test('prints all of a check that fails, on the streams where it belongs', async () => {
    const loud = await evi.run(['check', '--socket', missing])
    const quiet = await evi.run(['check', '--socket', missing, '-q'])
    const steps = (text: string) => text.replace(/ *[\d.]+ ms/g, '')
    expect([quiet.code, steps(quiet.stdout), quiet.stderr]).toEqual([5, steps(loud.stdout), loud.stderr])
    expect(quiet.stdout).toContain('There is no queue "of-services-test"')
  })

  test('prints the error of a raise without a subscriber', async () => {
    const { code, stderr } = await evi.run(['raise', 'E_NONE', '-q'])
    expect([code, stderr]).toEqual([4, expect.stringContaining('E_NONE')])
  })
})

describe('check --prometheus', () => {
  const file = join(directory, 'evi.prom')

  test('writes whether each subscriber is reached, for everyone to read', async () => {
    await evi.run(['subscribe', 'E_METRICS', missing])
    const { code } = await evi.run(['check', '--prometheus', file])
    expect(code).toBe(5)
    const text = readFileSync(file, 'utf8')
    expect(text).toContain(
      `evi_check_up{socket="rabbitmq:guest@${host}:${port}/of-services-test",event="E_METRICS"} 0\n`,
    )
    expect(text).toMatch(/^evi_check_step_passed\{.*step="login".*\} 1$/m)
    expect(text).toMatch(/^evi_check_step_passed\{.*step="queue".*\} 0$/m)
    expect(text).toMatch(/^evi_check_exit_code 5$/m)
    expect(text).not.toMatch(/guest:guest/)
    const samples = text.split('\n').filter((line) => line && !line.startsWith('#'))
    for (const sample of samples) expect(sample).toMatch(/^[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [\d.e-]+$/)
    expect(readdirSync(directory)).toEqual(['evi.prom'])
  })

  test('leaves the last metrics when they cannot be written, and has shown the result', async () => {
    writeFileSync(file, 'the last ones')
    const script = `ulimit -f 0; evi check --socket ${missing} --prometheus ${file}`
    const { code, stdout, stderr } = await evi.shell(script)
    expect([code, stderr]).toEqual([74, expect.stringContaining('The metrics cannot be written')])
    expect(stdout).toContain('There is no queue')
    expect([readFileSync(file, 'utf8'), readdirSync(directory)]).toEqual(['the last ones', ['evi.prom']])
  })

  test('with --json prints one document, that of the error, where they cannot be written', async () => {
    const first = join(directory, 'none', 'evi.prom')
    const { code, stdout } = await evi.run(['check', '--socket', missing, '--prometheus', first, '--json'])
    expect(code).toBe(74)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'cannot-write', hint: 'There is no such file yet.' },
    })
  })

  test('refuses a name that the node exporter does not read', async () => {
    const { code, stderr } = await evi.run(['check', '--socket', missing, '--prometheus', 'evi.txt'])
    expect([code, stderr]).toEqual([64, expect.stringContaining('.prom')])
  })
})

describe('tail under systemd', () => {
  const receive = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('bound', flush=True)
print(receiver.recv(4096).decode())`

  test('says READY=1 to systemd once it watches', async (context) => {
    for (const program of ['python3', 'systemd-notify'])
      if (spawnSync(program, ['--version']).error) context.skip(`${program} is not installed.`)
    const socket = join(directory, 'notify')
    const receiver = spawn('python3', ['-c', receive, socket])
    let received = ''
    receiver.stdout.setEncoding('utf8').on('data', (text: string) => {
      received += text
    })
    await once(receiver.stdout, 'data')
    const running = evi.start(['tail', '--socket', exchange], { environment: { NOTIFY_SOCKET: socket } })
    await once(receiver, 'close')
    await running.kill('SIGINT')
    expect(received).toBe('bound\nREADY=1\nSTATUS=Watching 1 socket\n')
  })

  test('says in its log that systemd cannot be reached', async () => {
    const environment = { NOTIFY_SOCKET: join(directory, 'missing') }
    const running = evi.start(['tail', '--socket', exchange], { environment })
    await running.said('stderr', /systemd does not learn that evi is ready: .*Type=exec/s)
    expect((await running.kill('SIGINT')).code).toBe(0)
  })
})

describe('the samples for systemd', () => {
  const samples = fileURLToPath(new URL('../../../systemd', import.meta.url))
  const units = readdirSync(samples)
  const isMissing = spawnSync('systemd-analyze', ['--version']).error !== undefined

  /** The units with a program that is there, as evi is not installed where it is tested. */
  function copies(): readonly string[] {
    return units.map((unit) => {
      const text = readFileSync(join(samples, unit), 'utf8').replace('/usr/bin/evi ', '/bin/true ')
      writeFileSync(join(directory, unit), text)
      return join(directory, unit)
    })
  }

  test.skipIf(isMissing)('are valid', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...copies()], {
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
  })

  test.skipIf(isMissing)('expose the machine to little', () => {
    const services = copies().filter((unit) => unit.endsWith('.service'))
    for (const service of services) {
      // Tenths of systemd's measure, of which less than 2 counts as good.
      execFileSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', service], {
        stdio: 'pipe',
      })
    }
    expect(services).toHaveLength(2)
  })
})
