import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { type LocalServer, serve } from '../../helpers/brokers/local-server.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

useEvi()

describe('of a server that takes connections and says nothing, evi on a terminal', () => {
  let silent: LocalServer
  let socket: string
  let url: string
  beforeAll(async () => {
    silent = await serve(() => {})
    socket = `rabbitmq:127.0.0.1:${silent.port}/q`
    url = `http://127.0.0.1:${silent.port}/mi`
  })
  afterAll(async () => await silent.close())

  const withTimeout = { EVI_TIMEOUT: '3000' }
  const commands = (): [command: string[], waitedFor: string][] => [
    [['raise', 'E_X', '--socket', socket], `127.0.0.1:${silent.port}`],
    [['tail', '--socket', socket], `127.0.0.1:${silent.port}`],
    [['tail', '--socket', socket, '--peek'], `127.0.0.1:${silent.port}`],
    [['declare', socket], `127.0.0.1:${silent.port}`],
    [['password', 'E_P', '--password-env', 'HOME'], `127.0.0.1:${silent.port}`],
    [['raise', 'E_X', '--opensips', url], `OpenSIPS at ${url}`],
    [['import', '--opensips', url], `OpenSIPS at ${url}`],
    [['map', '--opensips', url], `OpenSIPS at ${url}`],
    [['check', '--opensips', url, '--socket', socket], `OpenSIPS at ${url}`],
  ]

  test('says what it waits for and how long, and takes that away before the result', async () => {
    const look = async ([words, waitedFor]: [string[], string]) => {
      await using terminal = new Terminal(evi, words, withTimeout)
      await terminal.shows(`Waiting up to 3 s for each reply of ${waitedFor} …`)
      expect(await terminal.ended()).toBe(69)
      // Once, and erased before anything else is written.
      expect(terminal.raw.split('Waiting up to')).toHaveLength(2)
      expect(terminal.raw).toContain(`${waitedFor} …\x1b[K\r\x1b[K`)
    }
    await evi.run(['subscribe', 'E_P', socket])
    await Promise.all(commands().map(look))
  })

  test('names for tail the broker alone that has not answered', async () => {
    const sockets = ['--socket', socket, '--socket', `${brokerAddress}/amq.topic?k`]
    await using terminal = new Terminal(evi, ['tail', ...sockets], withTimeout)
    await terminal.shows(`Waiting up to 3 s for each reply of 127.0.0.1:${silent.port} …`)
    await terminal.shows('Watching')
    terminal.type(keys.interrupt)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.raw).not.toContain(' and 1 more')
    expect(terminal.raw).toContain(`127.0.0.1:${silent.port} …\x1b[K\r\x1b[K`)
  })

  test('claims no progress of a stream', async () => {
    const words = ['raise', 'E_X', '--count', '2', '--socket', socket, '--retry-for', '0']
    await using terminal = new Terminal(evi, words, withTimeout)
    await terminal.shows(' 0 %  0 sent, 0/s')
    expect(await terminal.ended()).toBe(69)
    const [before = ''] = terminal.text.split('✖', 1)
    expect(new Set(before.match(/\d+ %/g))).toEqual(new Set(['0 %']))
  })

  test('takes it away at a Ctrl-C, too', async () => {
    await using terminal = new Terminal(evi, ['raise', 'E_X', '--socket', socket])
    await terminal.shows('Waiting up to')
    terminal.type(keys.interrupt)
    expect(await terminal.ended()).toBe(130)
    expect(terminal.raw).toContain('…\x1b[K^C\r\x1b[K')
  })

  test.for(['--json', '--quiet'])('says nothing of it with %s', async (flag) => {
    await using terminal = new Terminal(evi, ['raise', 'E_X', '--socket', socket, flag], withTimeout)
    expect(await terminal.ended()).toBe(69)
    expect(terminal.text).toContain('within 3000 ms')
    expect(terminal.text).not.toContain('Waiting')
  })
})
