import { expect, test } from 'vitest'
import type { PublishFailure } from '#lib/domain/failure/failure.ts'
import { Setbacks } from '#lib/services/raise-stream/retry-budget.ts'

const failure: PublishFailure = { status: 'rejected', code: 'rejected', reason: 'Full.' }

function setbacksOf(patience: number) {
  const stop = new AbortController()
  const told: [string, number][] = []
  const listener = { lost: (reason: string, retryInMs: number) => told.push([reason, retryInMs]) }
  return { setbacks: new Setbacks({ patience, signal: stop.signal, listener }), stop, told }
}

test('the first failure is followed by a try at once, without a word', async () => {
  const { setbacks, told } = setbacksOf(0)
  expect(await setbacks.next(failure)).toBe(true)
  expect(told).toEqual([])
})

test('patience is counted from the first failure, and starts anew once something got through', async () => {
  const { setbacks } = setbacksOf(-1)
  expect(await setbacks.next(failure)).toBe(true)
  expect(await setbacks.next(failure)).toBe(false)
  expect(await setbacks.next(failure)).toBe(false)
  setbacks.forget()
  expect(await setbacks.next(failure)).toBe(true)
})

test('the next try is waited for, which is told, and an interruption ends the waiting', async () => {
  const { setbacks, stop, told } = setbacksOf(60_000)
  await setbacks.next(failure)
  const next = setbacks.next(failure)
  expect(told).toEqual([['Full.', 500]])
  stop.abort()
  expect(await next).toBe(false)
})
