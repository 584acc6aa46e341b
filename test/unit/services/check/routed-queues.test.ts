import { expect, test } from 'vitest'
import { type RoutedQueue, verdictOf } from '#lib/services/check/routed-queues.ts'

const queue = (name: string, consumers: number | null): RoutedQueue => ({
  name,
  path: [],
  messages: consumers,
  consumers,
  verdict: { status: 'takes' },
})

const later = 'Of a new queue the management API knows that after some seconds.'

test.each([
  [[queue('a', null)], `It was not seen whether "a" has a consumer. ${later}`],
  [
    [queue('a', 0), queue('b', null)],
    `It was not seen whether "b" has a consumer. The other queues have none. ${later}`,
  ],
  [
    [queue('a', null), queue('b', 0), queue('c', null)],
    `It was not seen whether "a" and 1 more have a consumer. The other queues have none. ${later}`,
  ],
])('queues whose numbers were not seen are kept apart from those without a consumer', (queues, reason) => {
  expect(verdictOf(queues)).toEqual({ status: 'unknown', reason })
})

test('a consumer that was seen is enough, whatever was not seen of other queues', () => {
  expect(verdictOf([queue('a', null), queue('b', 1)])).toEqual({ status: 'passed' })
})
