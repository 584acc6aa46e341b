import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Stage } from '#lib/broker/broker.ts'
import { NoDescriptor } from '#lib/broker/connect/connection-slots.ts'
import { inTurn } from '#lib/broker/connect/host-turns.ts'
import { EviError } from '#lib/errors.ts'

const numbers = Array.from({ length: 200 }, (_, number) => number)
const silent = new EviError('unreachable', 'h:5672 does not answer.')
const refused = new EviError('refused', 'The login was refused.')

/** Connections to a host that wait until they are answered, in the order in which they came. */
function scene(host: string) {
  const open: PromiseWithResolvers<string>[] = []
  const stages: Stage[] = []
  const address = { host, port: 5672 }
  const connect = async () =>
    await inTurn(
      address,
      (stage) => stages.push(stage),
      async (observe) => {
        const answer = Promise.withResolvers<string>()
        open.push(answer)
        try {
          return await answer.promise
        } catch (error) {
          const failure = error as EviError
          observe({ host: address, step: failure === refused ? 'login' : 'tcp', ms: 500, failure })
          throw error
        }
      },
    ).catch((error: EviError) => error.message)
  return { open, stages, connect }
}

test('at most 64 connections to a host are opened at once, and those to another host do not wait for them', async () => {
  const { open, connect } = scene('busy')
  const other = scene('other')
  const all = numbers.map(connect)
  void other.connect()
  for (const at of numbers) {
    await turn()
    expect(open.length).toBe(Math.min(64 + at, 200))
    open[at]?.resolve('open')
  }
  expect(new Set(await Promise.all(all))).toEqual(new Set(['open']))
  expect(other.open).toHaveLength(1)
})

test('where no connection leaves its descriptor, those that wait for their turn fail alike', async () => {
  const { open, connect } = scene('full')
  const all = numbers.map(connect)
  await turn()
  open[0]?.resolve('open')
  await turn()
  for (const one of open.slice(1)) one.reject(new NoDescriptor('unreachable', 'No descriptor is free.'))
  expect(new Set((await Promise.all(all)).slice(1))).toEqual(new Set(['No descriptor is free.']))
  expect(open).toHaveLength(65)
})

test('where a host answers none of them, those that wait fail alike, and each of them reports the step', async () => {
  const { open, stages, connect } = scene('dead')
  const all = numbers.map(connect)
  await turn()
  for (const one of open) one.reject(silent)
  expect(new Set(await Promise.all(all))).toEqual(new Set([silent.message]))
  expect([open.length, stages.length]).toEqual([64, 200])
  expect(new Set(stages.map(({ step, failure }) => `${step} ${failure?.message}`))).toEqual(
    new Set([`tcp ${silent.message}`]),
  )
})

test.each([
  ['takes one of them', (one: PromiseWithResolvers<string>) => one.resolve('open')],
  ['refuses a login', (one: PromiseWithResolvers<string>) => one.reject(refused)],
])('a host that %s is there, so the others are tried though some get no answer', async (_, answer) => {
  const { open, connect } = scene('slow')
  const all = numbers.map(connect)
  await turn()
  answer(open[0] as PromiseWithResolvers<string>)
  await turn()
  open[1]?.reject(silent)
  for (const at of numbers.slice(2)) {
    await turn()
    open[at]?.resolve('open')
  }
  const outcomes = await Promise.all(all)
  expect(outcomes[1]).toBe(silent.message)
  expect(outcomes.filter((outcome) => outcome === 'open').length).toBeGreaterThanOrEqual(198)
})

test('a host that was silent once is tried again', async () => {
  const { open, connect } = scene('back')
  const first = connect()
  await turn()
  open[0]?.reject(silent)
  expect(await first).toBe(silent.message)
  const second = connect()
  await turn()
  open[1]?.resolve('open')
  expect(await second).toBe('open')
})
