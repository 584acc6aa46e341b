import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import { Terminal } from '../../helpers/terminal/terminal.ts'

let exchange: string
let socket: string
useClient()
useEvi()
beforeEach(async () => {
  exchange = await client.exchange('fanout')
  socket = `${brokerAddress}/${exchange}?k`
})

const event = (params: unknown, method = 'E_X') => JSON.stringify({ jsonrpc: '2.0', method, params })
const publish = (...bodies: (string | Buffer)[]) => {
  for (const body of bodies) client.channel.publish(exchange, 'k', Buffer.from(body))
}
const path = (name: string) => join(evi.configDirectory, name)

/** A script that is executable. */
function script(text: string): string {
  writeFileSync(path('script'), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return path('script')
}

async function watch(exec: string, ...words: string[]) {
  const running = evi.start(['tail', '--socket', socket, '--raw', '--exec', exec, ...words])
  await running.said('stderr', /Watching/)
  return running
}

describe('tail --exec', () => {
  test('runs a command for each event that is shown, its body on stdin and its params in variables', async () => {
    const line = 'echo "$EVI_EVENT|$EVI_PARAM_IP|$EVI_PARAM_COUNT|$EVI_EXCHANGE|$EVI_ROUTING_KEY|$(cat)"'
    const tail = await watch(script(line), '--count', '2', '--where', 'count > 1')
    const bodies = [event({ ip: '10.0.0.1', count: 2 }), event({ ip: 'a b', count: 3 }, 'E_Y')]
    publish(event({ count: 1 }), ...bodies)
    const { code, stdout, stderr } = await tail.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${bodies.join('\n')}\n` })
    expect(stderr).toContain(`E_X|10.0.0.1|2|${exchange}|k|${bodies[0]}\n`)
    expect(stderr).toContain(`E_Y|a b|3|${exchange}|k|${bodies[1]}\n`)
    expect(stderr).toMatch(/^2 runs of --exec\.$/m)
  })

  test('gives nothing of an event to a shell, or to the environment beside EVI_ variables', async () => {
    const harm = `$(touch ${path('harm')}); touch ${path('harm')} | \`touch ${path('harm')}\``
    const line = `env >> ${path('environment')}; echo "$EVI_PARAM_IP" >> ${path('said')}`
    const tail = await watch(`sh -c '${line}'`, '--count', '2')
    publish(
      event({ ip: harm, PATH: '/none', LD_PRELOAD: '/none', 'X=Y\nPATH': 'Z' }),
      Buffer.from([0xff, 0, 0x1b]),
    )
    expect(await tail.ended).toMatchObject({ code: 0 })
    expect(existsSync(path('harm'))).toBe(false)
    expect(readFileSync(path('said'), 'utf8')).toBe(`${harm}\n\n`)
    expect(readFileSync(path('environment'), 'utf8')).not.toMatch(/^(?:PATH=\/none|LD_PRELOAD|X=)/m)
  })

  test('gets bodies byte for byte, which it need not read', async () => {
    const body = Buffer.from([0, 0xff, 0x0a, 0x0d, 0x1b])
    const tail = await watch(script(`cat > ${path('body')}`), '--count', '1')
    publish(body)
    expect(await tail.ended).toMatchObject({ code: 0 })
    expect(readFileSync(path('body'))).toEqual(body)
    const other = await watch('true', '--count', '1')
    publish(Buffer.alloc(1_000_000, 'x'))
    expect(await other.ended).toMatchObject({ code: 0 })
  })

  test('runs one after the other by default, in the order of the events, and as many at once as --jobs says', async () => {
    const one = await watch(
      script(`read line; echo start >> ${path('log')}; echo end >> ${path('log')}`),
      '-n',
      '5',
    )
    publish(...Array.from({ length: 5 }, (_, n) => `${n}\n`))
    expect(await one.ended).toMatchObject({ code: 0 })
    expect(readFileSync(path('log'), 'utf8')).toBe('start\nend\n'.repeat(5))
    // Each waits until three have been started, so that fewer at once would wait for ever.
    const wait = `echo >> ${path('all')}; while [ "$(wc -l < ${path('all')})" -lt 3 ]; do sleep 0.05; done`
    const three = await watch(script(wait), '-n', '3', '--jobs', '3')
    publish('1', '2', '3')
    expect(await three.ended).toMatchObject({ code: 0 })
  })

  test("reports runs that fail and goes on: 3 where some failed, the last one's own code where all did", async () => {
    const some = await watch(script('exit "$EVI_PARAM_1"'), '--count', '3')
    publish(event(['0']), event(['7']), event(['0']))
    expect(await some.ended).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /✖ The command of --exec ended with exit code 7\.[\s\S]*3 runs of --exec, 1 failed\./,
      ),
    })
    const all = await watch(script('exit "$EVI_PARAM_1"'), '--count', '2')
    publish(event(['8']), event(['9']))
    expect(await all.ended).toMatchObject({ code: 9 })
    const killed = await watch(script('kill -9 $$'), '--count', '1')
    publish('1')
    expect(await killed.ended).toMatchObject({
      code: 137,
      stderr: expect.stringContaining('was ended by SIGKILL'),
    })
  })

  test('stops a run that takes longer than --exec-timeout, with all that it has started', async () => {
    const tail = await watch(
      script(`sleep 600 & echo $! > ${path('pid')}; wait`),
      '-n',
      '1',
      '--exec-timeout',
      '500ms',
    )
    publish('1')
    expect(await tail.ended).toMatchObject({
      code: 124,
      stderr: expect.stringContaining('had not ended within 0.5 s, and was stopped'),
    })
    await expectGone(readFileSync(path('pid'), 'utf8'))
  })

  test('a signal stops what runs, what is not done is counted, and the exit code is 130', async () => {
    const tail = await watch(script(`echo $$ > ${path('pid')}; echo started >&2; exec sleep 600`))
    publish('1', '2')
    await tail.said('stderr', /^started$/m)
    process.kill(tail.pid as number, 'SIGTERM')
    const { code, stderr } = await tail.ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/0 runs of --exec, \d events? not done as evi was stopped\./)
    await expectGone(readFileSync(path('pid'), 'utf8'))
  })

  test('a command that floods its output leaves stdout to the events', async () => {
    const tail = await watch(script('head -c 300000 /dev/zero | tr "\\0" x >&2'), '--count', '2')
    publish(event(1), event(2))
    const { code, stdout } = await tail.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${event(1)}\n${event(2)}\n` })
  })

  test('a command that is missing, or not executable, is 64 before any connection', async () => {
    writeFileSync(path('text'), 'no program', { mode: 0o644 })
    const run = (exec: string) => evi.run(['tail', '-s', 'rabbitmq:127.0.0.1:1/q', '--exec', exec])
    expect(await run('no-such-command-anywhere x')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('There is no command "no-such-command-anywhere".'),
    })
    expect(await run(path('text'))).toMatchObject({
      code: 64,
      stderr: expect.stringContaining(`If it is a script: chmod +x ${path('text')}`),
    })
    expect(await run('cat | mail')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('\n      ^\n'),
    })
  })

  test('a command that goes away while evi watches is a run that failed', async () => {
    const tail = await watch(script(`rm "$0"`), '--count', '2')
    publish('1')
    await tail.said('stdout', /1/)
    await expect.poll(() => existsSync(path('script'))).toBe(false)
    publish('2')
    expect(await tail.ended).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('cannot be run (ENOENT)'),
    })
  })

  test('--peek runs it for each message that waits', async () => {
    const queue = await client.queue()
    for (const body of ['1', '2']) client.channel.sendToQueue(queue, Buffer.from(body))
    await expect.poll(async () => (await client.channel.checkQueue(queue)).messageCount).toBe(2)
    const words = ['--socket', `${brokerAddress}/${queue}`, '--peek', '--exec', `tee -a ${path('seen')}`]
    expect(await evi.run(['tail', ...words])).toMatchObject({ code: 0 })
    expect(readFileSync(path('seen'), 'utf8')).toBe('12')
  })

  test('control characters of an event do not reach the terminal by way of the command', async () => {
    await using terminal = new Terminal(evi, ['tail', '-s', `"${socket}"`, '-n', '1', '--exec', 'cat'])
    await terminal.shows('Watching')
    publish('a\x1b]0;owned\x07\x1b[2Jb')
    await terminal.shows(/a.*owned.*b/)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.raw).not.toContain('\x1b]0;owned')
    expect(terminal.raw).not.toContain('\x1b[2J')
  })
})

async function expectGone(pid: string): Promise<void> {
  const isAlive = () => {
    try {
      return readFileSync(`/proc/${pid.trim()}/stat`, 'utf8').split(' ')[2] !== 'Z'
    } catch {
      return false
    }
  }
  await expect.poll(isAlive).toBe(false)
}
