import { beforeEach, describe, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import { program } from '../../helpers/evi/program.ts'

let socket: string
useClient()
useEvi()
beforeEach(async () => {
  socket = `${brokerAddress}/${await client.exchange('fanout')}?k`
})

const tail = (...words: string[]) => evi.run(['tail', '--socket', socket, '--raw', ...words])
const raise = () => [...program, 'raise', 'E_X', '--socket', socket, '--sync']
const event = '{"jsonrpc":"2.0","method":"E_X"}\n'

describe('the command behind --', () => {
  test('is started once all is watched, so that --count sees its event, and its output is on stderr', async () => {
    const { code, stdout, stderr } = await tail('--count', '1', '--', ...raise())
    expect({ code, stdout }).toEqual({ code: 0, stdout: event })
    expect(stderr).toMatch(/Watching.*confirmed/s)
  })

  test('ends the tail without --count, once its events have come', async () => {
    expect(await tail('--', ...raise())).toMatchObject({ code: 0, stdout: event })
  })

  test('gives its exit code, whether --count is reached or not', async () => {
    expect(await tail('--count', '1', '--', 'sh', '-c', 'exit 7')).toMatchObject({ code: 7, stdout: '' })
    const script = `${raise()
      .map((word) => `'${word}'`)
      .join(' ')}; sleep 1; exit 9`
    expect(await tail('--count', '1', '--', 'sh', '-c', script)).toMatchObject({ code: 9, stdout: event })
  })

  test('that raises nothing is 124 where --count expects an event', async () => {
    expect(await tail('--count', '1', '--timeout', '2', '--', 'true')).toMatchObject({ code: 124 })
  })

  test('is stopped when --timeout has run out, exit code 124', async () => {
    expect(await tail('--timeout', '1', '--', 'sleep', '600')).toMatchObject({
      code: 124,
      stderr: expect.stringContaining('The command had not ended within 1 s, and was stopped.'),
    })
  })

  test('that is missing is 64 before any connection', async () => {
    const words = ['--socket', 'rabbitmq:127.0.0.1:1/q', '--', '/no/such/command']
    expect(await evi.run(['tail', ...words])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('There is no command "/no/such/command"'),
    })
  })

  test('is not started where nothing can be watched', async () => {
    const words = ['--socket', `${brokerAddress}/none-at-all?k`, '--', 'echo', 'started']
    const { code, stderr } = await evi.run(['tail', ...words])
    expect(code).toBe(76)
    expect(stderr).not.toMatch(/^started$/m)
  })

  test('gets the signal that ends evi', async () => {
    const running = evi.start(['tail', '--socket', socket, '--', 'sh', '-c', 'echo started; exec sleep 600'])
    await running.said('stderr', /^started$/m)
    expect(await running.kill('SIGTERM')).toMatchObject({ code: 143 })
  })
})
