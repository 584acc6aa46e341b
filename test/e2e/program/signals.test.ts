import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { methods } from '../../helpers/brokers/servers.ts'
import { Evi, type RunningEvi } from '../../helpers/evi/evi.ts'
import { client, useClient } from '../../helpers/evi/fixtures.ts'
import { Workplace } from '../../helpers/evi/workplace.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

type Begin = (place: Workplace) => Promise<RunningEvi>

/** A routing key that no other test uses. */
const topic = () => `amq.topic?${randomUUID()}`
const notification = '{"jsonrpc":"2.0","method":"E_X"}\n'
const declaring = { method: methods.declareQueue }
const soon = ['--reply-timeout', '3000']

/** All that takes long, by the exit code of an interruption: what evi waits for, and how it comes to that. */
const works: Readonly<Record<0 | 130, Readonly<Record<string, Begin>>>> = {
  0: {
    'tail of a named exchange': (place) => place.tailing(topic(), '--json'),
    'tail --firehose': (place) => place.tailing('q', '--firehose'),
    'tail, for its connection': (place) => place.reconnecting(),
  },
  130: {
    'tail, for a first answer': (place) =>
      place.asking((host) => ['tail', '-s', `rabbitmq:${host}/q`, '--json']),
    'tail --peek, for a first answer': (place) =>
      place.asking((host) => ['tail', '--peek', '-s', `rabbitmq:${host}/q`]),
    'tail, for its queue': (place) =>
      place.swallowing((host) => ['tail', '-s', `rabbitmq:${host}/${topic()}`], declaring),
    'raise, for a first answer': (place) =>
      place.asking((host) => ['raise', 'E_X', '-s', `rabbitmq:${host}/q`, '--json']),
    'raise --sync, for the confirm': (place) =>
      place.swallowing((host) => ['raise', 'E_X', '-s', `rabbitmq:${host}/${topic()}`, '--sync']),
    'raise --verify, for the proof': (place) =>
      place.swallowing((host) => ['raise', 'E_X', '-s', `rabbitmq:${host}/${topic()}`, '--verify']),
    'raise --batch, for a line': (place) =>
      place.reading((pipe) => ['raise', 'E_X', '--batch', pipe, '-s', 'rabbitmq:h/q', '--json']),
    'raise --params, for a byte': (place) =>
      place.reading((pipe) => ['raise', 'E_X', '--params', `@${pipe}`, '-s', 'rabbitmq:h/q']),
    'raise -, for a confirm': (place) =>
      place.swallowing((host) => ['raise', '-', '--json', '-s', `rabbitmq:${host}/${topic()}`, ...soon], {
        input: notification,
        open: true,
      }),
    'bench, for a first answer': (place) => place.asking((host) => ['bench', `rabbitmq:${host}/q`, '--json']),
    'bench, for a confirm': (place) =>
      place.swallowing((host) => ['bench', `rabbitmq:${host}/q`, '-n', '1', '--json', ...soon]),
    'check, for a first answer': (place) => place.asking((host) => ['check', '-s', `rabbitmq:${host}/q`]),
    'check, for the rehearsal': (place) =>
      place.swallowing((host) => ['check', '-s', `rabbitmq:${host}/${topic()}`, '--json']),
    'map --management, for a first answer': async (place) => {
      await place.evi.run(['subscribe', 'E_X', `${brokerAddress}/${topic()}`])
      return await place.asking((host) => ['map', 'E_X', '--management', `http://${host}`, '--json'])
    },
    'subscribe --check, for a first answer': (place) =>
      place.asking((host) => ['subscribe', 'E_NEW', `rabbitmq:${host}/q`, '--check']),
    'subscribe --batch, for a line': (place) => place.reading((pipe) => ['subscribe', '--batch', pipe]),
    'subscribe --password-file, for a byte': (place) =>
      place.reading((pipe) => ['subscribe', 'E_NEW', 'rabbitmq:h/q', '--password-file', pipe, '--json']),
    'subscribe, for the lock of another': (place) => place.locked('subscribe', 'E_NEW', 'rabbitmq:h/q'),
  },
}

useClient()

describe.each(Object.entries(works))(
  'exit code %s, nothing half done and nothing left behind',
  (exit, begins) => {
    test.each(Object.entries(begins))('by SIGINT, SIGTERM or SIGHUP in %s', async (work, begin) => {
      await Promise.all(
        (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(async (signal) => {
          await using place = new Workplace()
          const running = await begin(place)
          running.send(signal)
          const { code, stdout, stderr } = await running.ended
          expect({ signal, code, stderr }).toMatchObject({ code: Number(exit) })
          expect(stdout).toMatch(/^(?:.*\n)*$/)
          expect(stderr).toMatch(/^(?:.*\n)*$/)
          expect(stdout + stderr).not.toMatch(/\n\s+at /)
          for (const queue of place.queues) await expect.poll(() => exists(queue)).toBe(false)
          if (work.startsWith('subscribe'))
            expect(existsSync(join(place.evi.configDirectory, 'subscriptions.json'))).toBe(false)
        }),
      )
    })
  },
)

/** A passive declaration, which is refused for a queue that is another connection's own. */
async function exists(queue: string): Promise<boolean> {
  const channel = await client.confirmChannel()
  channel.on('error', () => {})
  try {
    await channel.checkQueue(queue)
    await channel.close()
    return true
  } catch (error) {
    return !/NOT_FOUND/.test(String(error))
  }
}

test('a tail that is interrupted before anything is watched says so, with --json as a document', async () => {
  await using place = new Workplace()
  const begin = (...flags: string[]) => place.asking((host) => ['tail', ...flags, '-s', `rabbitmq:${host}/q`])
  const watching = await (await begin()).kill('SIGINT')
  expect(watching).toMatchObject({ code: 130, stderr: 'evi: Interrupted before anything was watched.\n' })
  const peeked = await (await begin('--peek')).kill('SIGINT')
  expect(peeked).toMatchObject({ code: 130, stderr: 'evi: Interrupted before all was looked at.\n' })
  const { code, stdout } = await (await begin('--json')).kill('SIGINT')
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 130,
    error: { code: 'interrupted', exit: 130, message: 'Interrupted before anything was watched.' },
  })
})

describe('a second Ctrl-C ends at once', () => {
  const works: Readonly<Record<string, Begin>> = {
    'raise -, which waits for its confirms': (place) =>
      place.swallowing((host) => ['raise', '-', '-s', `rabbitmq:${host}/q`, '--reply-timeout', '600000'], {
        input: notification,
        open: true,
      }),
    'bench, which does so, too': (place) =>
      place.swallowing((host) => ['bench', `rabbitmq:${host}/q`, '--reply-timeout', '600000']),
  }

  test.each(Object.entries(works))('%s', async (_work, begin) => {
    await using place = new Workplace()
    const running = await begin(place)
    running.send('SIGINT')
    const again = setInterval(() => running.send('SIGINT'), 100)
    const { code, stderr } = await running.ended
    clearInterval(again)
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringMatching(/evi: Interrupted\.\n$/) })
  })
})

test('two signals in one moment, as timeout(1), npm and a terminal that closes send them, are one', async () => {
  await using place = new Workplace()
  const tail = await place.tailing(topic(), '--count', '5')
  tail.send('SIGTERM')
  tail.send('SIGHUP')
  const { code, stderr } = await tail.ended
  expect(code).toBe(130)
  expect(stderr).toMatch(/Seen in .*: no events\.\nevi: Interrupted: 0 of 5 events came\.\n$/)
})

test('SIGPIPE is nothing: who reads no more is known by the pipe itself', async () => {
  await using place = new Workplace()
  const tail = await place.tailing(topic())
  tail.send('SIGPIPE')
  expect(await tail.kill('SIGINT')).toMatchObject({ code: 0 })
})

describe('at a prompt, Ctrl-C is 130, changes nothing, and leaves the terminal as it was', () => {
  let evi: Evi
  beforeEach(() => {
    evi = new Evi()
  })
  afterEach(() => evi.dispose())

  test.each([
    ['subscribe E_NEW rabbitmq:h/q --ask-password', 'Password'],
    ['unsubscribe E_X', 'Which subscriber of E_X'],
    ['subscribe E_NEW', 'Which broker?'],
  ])('evi %s', async (words, question) => {
    for (const key of ['a', 'b']) await evi.run(['subscribe', 'E_X', `rabbitmq:h/${key}`])
    await using terminal = new Terminal(evi, words.split(' '))
    await terminal.answer(question, keys.interrupt)
    await terminal.shows('evi: Interrupted')
    expect(await terminal.ended()).toBe(130)
    expect(terminal.raw.lastIndexOf('\x1b[?25h')).toBeGreaterThanOrEqual(
      terminal.raw.lastIndexOf('\x1b[?25l'),
    )
    const { subscriptions } = await evi.json<{ subscriptions: object[] }>('list')
    expect(subscriptions).toMatchObject([{ event: 'E_X' }, { event: 'E_X' }])
  })
})
