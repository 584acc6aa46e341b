import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Destinations } from '#lib/broker/publish/destination.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** As many destinations as exchanges, each with a rest of its exchange that has just begun. */
function resting(exchanges: number) {
  const destinations = new Destinations(['channel'])
  return Array.from({ length: exchanges }, (_, index) => {
    const destination = destinations.of(parseSocket(`rabbitmq:h/x${index}?k`))
    destination
      .restOf('exchange')
      .begin(() => ({ code: 'no-exchange', message: `There is no exchange "x${index}".` }))
    return destination
  })
}

test('one exchange that failed is tried again after a second, and then after twice as long', () => {
  const [one] = resting(1)
  vi.advanceTimersByTime(999)
  expect(one?.failure()).toMatchObject({ code: 'no-exchange' })
  vi.advanceTimersByTime(1)
  expect(one?.failure()).toBeUndefined()
  one?.restOf('exchange').begin(() => ({ code: 'no-exchange', message: 'Again.' }))
  vi.advanceTimersByTime(1999)
  expect(one?.failure()).toMatchObject({ message: 'Again.' })
})

test('of a thousand exchanges that failed, each is tried again after twenty seconds, as each attempt closes a channel', () => {
  const all = resting(1000)
  vi.advanceTimersByTime(19_999)
  for (const one of all) expect(one.failure()).toMatchObject({ code: 'no-exchange' })
  vi.advanceTimersByTime(1)
  for (const one of all) expect(one.failure()).toBeUndefined()
})

test('exchanges that work again do not make the others wait', () => {
  const all = resting(1000)
  for (const { exchangeState } of all) exchangeState.rest.end()
  const [one] = all
  one?.restOf('exchange').begin(() => ({ code: 'no-exchange', message: 'Again.' }))
  vi.advanceTimersByTime(1000)
  expect(one?.failure()).toBeUndefined()
})
