import { setImmediate as turn } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { ChannelTurns } from '#lib/services/raise-stream/publishing/channel-turns.ts'

const limits = () => ({ retryFor: 60_000, signal: new AbortController().signal })

test('logins take turns once one was refused while others have channels, in the order in which they came', async () => {
  const turns = new ChannelTurns()
  const [one, two, three] = [{}, {}, {}]
  for (const login of [one, two, three]) await turns.take(login, limits())
  const leave = vi.fn(() => turns.leave(one))
  turns.hasChannels(one, leave)
  expect(turns.areWanted).toBe(false)
  for (const login of [two, three]) {
    expect(turns.refused(login)).toBe(true)
    turns.leave(login)
  }
  const begun: string[] = []
  const second = turns.take(two, limits()).then(() => begun.push('two'))
  const third = turns.take(three, limits()).then(() => begun.push('three'))
  expect(leave).toHaveBeenCalledOnce()
  await second
  expect(begun).toEqual(['two'])
  turns.leave(two)
  await third
  expect(begun).toEqual(['two', 'three'])
})

test('a login that is refused alone waits for no turn, as other programs have the channels', async () => {
  const turns = new ChannelTurns()
  const login = {}
  await turns.take(login, limits())
  expect(turns.refused(login)).toBe(false)
  turns.leave(login)
  await turns.take(login, limits())
})

test('a turn is waited for no longer than retries are made, and not after the end', async () => {
  const turns = new ChannelTurns()
  const [holder, other] = [{}, {}]
  await turns.take(holder, limits())
  await turns.take(other, limits())
  turns.hasChannels(holder, () => {})
  turns.refused(other)
  turns.leave(other)
  await turns.take(other, { ...limits(), retryFor: 1 })
  turns.leave(other)
  const stop = new AbortController()
  const waiting = turns.take(other, { retryFor: 60_000, signal: stop.signal })
  await turn()
  expect(turns.areWanted).toBe(true)
  stop.abort()
  await waiting
  expect(turns.areWanted).toBe(false)
})
