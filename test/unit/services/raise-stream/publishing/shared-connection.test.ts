import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Broker, BrokerConnection } from '#lib/broker/broker.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { ChannelLimit, EviError } from '#lib/errors.ts'
import { ChannelTurns } from '#lib/services/raise-stream/publishing/channel-turns.ts'
import { SharedConnection } from '#lib/services/raise-stream/publishing/shared-connection.ts'

const socket = parseSocket('rabbitmq:h/q')
const lost = new EviError('unreachable', 'The connection was lost.')
const limited = new ChannelLimit('unreachable', 'No channel is left.')

function scene() {
  const ends: ((reason: EviError) => void)[] = []
  const broker = {
    connect: async () => {
      const { promise, resolve } = Promise.withResolvers<EviError>()
      ends.push(resolve)
      return {
        host: socket.hosts[0],
        lost: promise,
        onBlocked: () => {},
        onWanted: () => {},
      } as unknown as BrokerConnection
    },
  } as unknown as Broker
  const said: string[] = []
  const connection = new SharedConnection(socket, {
    broker,
    timing: { connectTimeout: 1, replyTimeout: 1, heartbeat: 0 },
    retryFor: 1000,
    signal: new AbortController().signal,
    turns: new ChannelTurns(),
    listener: {
      lost: (reason, retryInMs) => said.push(`${reason} ${retryInMs}`),
      back: (address, _gapMs, wasThere) => said.push(`Connected to ${address}${wasThere ? ' again' : ''}.`),
      blocked: () => {},
    },
  })
  /** Ends the connection that was opened last. */
  const end = async (reason: EviError) => {
    ends.at(-1)?.(reason)
    await turn()
  }
  return { connection, end, said }
}

test('a connection that is lost in use is reported once, with the wait or without, and is back with its channels', async () => {
  const { connection, end, said } = scene()
  connection.inUse(await connection.opened(), () => {})
  await end(lost)
  connection.reportLoss()
  connection.reportLoss()
  const second = await connection.opened()
  expect(said).toEqual(['The connection was lost. 0'])
  connection.inUse(second, () => {})
  await end(lost)
  connection.reportRetry(lost.message, 500)
  connection.reportLoss()
  connection.inUse(await connection.opened(), () => {})
  expect(said).toEqual([
    'The connection was lost. 0',
    'Connected to h:5672 again.',
    'The connection was lost. 500',
    'Connected to h:5672 again.',
  ])
})

test('a connection that gets no channel is not back, and was not there before it had one', async () => {
  const { connection, end, said } = scene()
  await connection.opened()
  // The next one asks for less.
  await end(limited)
  connection.reportLoss()
  expect(said).toEqual([])
  for (const retryInMs of [500, 1000]) {
    await connection.opened()
    await end(limited)
    connection.reportRetry(limited.message, retryInMs)
    connection.reportLoss()
  }
  connection.inUse(await connection.opened(), () => {})
  expect(said).toEqual(['No channel is left. 500', 'No channel is left. 1000', 'Connected to h:5672.'])
})
