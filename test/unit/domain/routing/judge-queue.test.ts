import { describe, expect, test } from 'vitest'
import { judgeQueueState } from '#lib/domain/routing/judge-queue.ts'
import type { QueueState } from '#lib/domain/routing/queue-state.ts'

const classic: QueueState = {
  name: 'q',
  type: 'classic',
  state: 'running',
  node: 'rabbit@a',
  stoppedNodes: [],
  members: undefined,
  online: undefined,
  messages: 0,
  messagesReady: 0,
  bytesReady: 0,
  consumers: 0,
  rejectsWhenFull: false,
  maxLength: undefined,
  maxBytes: undefined,
  ttl: undefined,
  deadLetterExchange: undefined,
  missingDeadLetterExchange: undefined,
  deadLetterRoutingKey: undefined,
  keepsDeadLetters: false,
  lostDeadLetters: undefined,
}
const quorum: QueueState = {
  ...classic,
  type: 'quorum',
  members: ['rabbit@a', 'rabbit@b', 'rabbit@c'],
  online: ['rabbit@a', 'rabbit@b', 'rabbit@c'],
}
const live = (messages: number, consumers = 0) => ({ messages, consumers })
const full = { rejectsWhenFull: true, maxLength: 5, messagesReady: 5 }

describe('a queue takes messages', () => {
  test.for<[string, QueueState]>([
    ['a classic queue whose node runs', classic],
    ['a quorum queue with all members', quorum],
    ['a quorum queue with a majority', { ...quorum, online: ['rabbit@a', 'rabbit@c'] }],
    ['a queue in flow', { ...classic, state: 'flow' }],
    [
      'a queue one below the limit at which it drops',
      { ...classic, ...full, rejectsWhenFull: false, messagesReady: 4 },
    ],
    ['a queue with room', { ...classic, ...full, messagesReady: 4 }],
    [
      'a queue with room for a small event',
      { ...classic, rejectsWhenFull: true, maxBytes: 100, bytesReady: 70 },
    ],
    ['a quorum queue at its limit, which takes one more', { ...quorum, ...full }],
  ])('%s', ([, queue]) => {
    expect(judgeQueueState(queue, undefined)).toEqual({ status: 'takes' })
  })

  test('a classic queue that answered by AMQP, though this user may not see nodes', () => {
    expect(judgeQueueState({ ...classic, stoppedNodes: undefined }, live(3))).toEqual({ status: 'takes' })
  })
})

describe('a queue rejects messages', () => {
  test.for<[string, QueueState, RegExp]>([
    [
      'a quorum queue without a majority',
      { ...quorum, online: ['rabbit@b'] },
      /1 of 3 members online and needs 2/,
    ],
    ['a stream without a majority', { ...quorum, type: 'stream', online: [] }, /0 of 3 members online/],
    ['a queue on a node that does not run', { ...classic, stoppedNodes: ['rabbit@a'] }, /its node rabbit@a/],
    ['a queue that is down', { ...classic, state: 'down' }, /in the state "down"/],
    ['a full queue', { ...classic, ...full }, /is full \(5 messages, overflow reject-publish\)/],
    ['a quorum queue beyond its limit', { ...quorum, ...full, messagesReady: 6 }, /is full \(5 messages/],
    [
      'a queue full by bytes',
      { ...classic, rejectsWhenFull: true, maxBytes: 100, bytesReady: 100 },
      /is full \(100 bytes/,
    ],
    [
      'a queue without room for the smallest event',
      { ...classic, rejectsWhenFull: true, maxBytes: 100, bytesReady: 71 },
      /is full \(100 bytes/,
    ],
  ])('%s', ([, queue, reason]) => {
    expect(judgeQueueState(queue, undefined)).toMatchObject({
      status: 'rejects',
      reason: expect.stringMatching(reason),
      hint: expect.stringMatching(/./),
    })
  })

  test('a quorum queue without a majority wants its stopped nodes started, and running ones restarted', () => {
    const queue = { ...quorum, online: ['rabbit@b'] }
    expect(judgeQueueState({ ...queue, stoppedNodes: ['rabbit@a', 'rabbit@c'] }, live(0))).toMatchObject({
      hint: 'Start RabbitMQ on: rabbit@a, rabbit@c',
    })
    expect(judgeQueueState({ ...queue, stoppedNodes: undefined }, live(0))).toMatchObject({
      hint: 'Start RabbitMQ on: rabbit@a, rabbit@c',
    })
    expect(judgeQueueState(queue, live(0))).toMatchObject({
      hint: "The nodes run, and the queue's processes on them do not. Restart RabbitMQ on: rabbit@a, rabbit@c",
    })
  })

  test('the number that AMQP says just now decides, not the older one of the management API', () => {
    expect(judgeQueueState({ ...classic, ...full, messagesReady: 0 }, live(5)).status).toBe('rejects')
    expect(judgeQueueState({ ...classic, ...full }, live(4)).status).toBe('takes')
  })
})

describe('a queue keeps what no consumer takes at once', () => {
  const none = { ...classic, maxLength: 0 }
  const expired = { ...classic, ttl: 0 }
  test.for<[string, QueueState, ReturnType<typeof live> | undefined]>([
    ['a queue of length 0 without a consumer', none, undefined],
    ['a queue of length 0 that has lost its consumer', { ...none, consumers: 1 }, live(0)],
    ['a queue whose messages expire at once', expired, live(0)],
    ['a quorum queue whose messages expire at once', { ...quorum, ttl: 0 }, live(0)],
  ])('not %s', ([, queue, alive]) => {
    expect(judgeQueueState(queue, alive)).toMatchObject({
      status: 'drops',
      reason: expect.stringMatching(/keeps no message \(x-.* 0\) and has no consumer/),
    })
  })

  test.for<[string, QueueState, ReturnType<typeof live> | undefined]>([
    ['where it has a consumer', expired, live(0, 1)],
    ['where a dead-letter exchange gets it', { ...expired, deadLetterExchange: 'dead' }, live(0)],
    ['where a consumer takes messages before they expire', { ...classic, ttl: 1 }, live(0, 1)],
    ['where expired messages go on to an exchange', { ...classic, ttl: 1, deadLetterExchange: '' }, live(0)],
    ['where it is a stream', { ...quorum, type: 'stream', maxLength: 0 }, live(0)],
  ])('%s', ([, queue, alive]) => {
    expect(judgeQueueState(queue, alive)).toEqual({ status: 'takes' })
  })
})

describe('a queue loses what it has taken', () => {
  const bounded = { ...classic, maxLength: 5, messagesReady: 5 }
  const stopped = { stoppedNodes: ['rabbit@a'] }
  test.for<[string, QueueState, ReturnType<typeof live> | undefined, RegExp]>([
    [
      'where it is full, its oldest',
      bounded,
      undefined,
      /is full \(5 messages, overflow drop-head\).* drops its oldest/,
    ],
    ['where it is full in spite of a consumer', { ...bounded, messagesReady: 0 }, live(5, 1), /is full/],
    [
      'where it is full by bytes',
      { ...classic, maxBytes: 100, bytesReady: 71 },
      live(1),
      /is full \(100 bytes/,
    ],
    ['where it is a quorum queue', { ...quorum, maxLength: 1 }, live(1), /is full \(1 message,/],
    [
      'to a dead-letter exchange where it has one',
      { ...bounded, deadLetterExchange: 'dead' },
      live(5),
      /sends its oldest message to the exchange "dead"/,
    ],
    [
      'to the default exchange',
      { ...bounded, deadLetterExchange: '' },
      live(5),
      /sends its oldest message to the default exchange/,
    ],
    [
      'where its dead-letter exchange is missing',
      { ...classic, missingDeadLetterExchange: 'dead' },
      live(0, 1),
      /"dead", which does not exist: what it drops/,
    ],
    [
      'where its dead-letter exchange has no binding',
      { ...classic, lostDeadLetters: { exchange: 'dead', routingKey: undefined } },
      live(0, 1),
      /"dead", which has no binding: what it drops/,
    ],
    [
      'where no queue gets its dead letters',
      { ...classic, lostDeadLetters: { exchange: 'dead', routingKey: 'k' } },
      live(0, 1),
      /"dead", which has no queue for the routing key "k": what it drops and what its consumers reject of that key/,
    ],
    [
      'where messages expire before anyone takes them',
      { ...classic, ttl: 1500 },
      live(0),
      /drops messages after 1\.5 s/,
    ],
  ])('%s', ([, queue, alive, reason]) => {
    expect(judgeQueueState(queue, alive)).toMatchObject({
      status: 'loses',
      reason: expect.stringMatching(reason),
      hint: expect.stringMatching(/./),
    })
  })

  test('which is said only of one that takes any', () => {
    expect(judgeQueueState({ ...bounded, ...stopped }, undefined).status).toBe('rejects')
    expect(judgeQueueState({ ...quorum, type: 'stream', maxLength: 5 }, live(9)).status).toBe('takes')
  })
})

describe('it is not seen whether a queue takes messages', () => {
  test.for<[string, QueueState]>([
    ['a queue of which only the name is known', { ...classic, type: undefined, node: undefined }],
    ['a classic queue where this user may not see nodes', { ...classic, stoppedNodes: undefined }],
    ['a quorum queue whose members are not shown', { ...quorum, members: undefined }],
    ['a bounded queue whose length is not shown', { ...classic, ...full, messagesReady: undefined }],
    [
      'a queue bounded by bytes that are not shown',
      { ...classic, rejectsWhenFull: true, maxBytes: 9, bytesReady: undefined },
    ],
  ])('%s', ([, queue]) => {
    expect(judgeQueueState(queue, undefined)).toMatchObject({ status: 'unseen' })
  })

  test('where its statistics are missing, which is not for want of a right', () => {
    const verdict = judgeQueueState({ ...classic, ...full, messagesReady: undefined }, undefined)
    expect(verdict).toMatchObject({
      reason: expect.stringMatching(/has no statistics of .+of a new queue it has them after some seconds/),
    })
  })
})
