import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { LineFailures } from '#lib/views/raise-stream/line-failures.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const failure = { code: 'no-exchange', message: 'There is no exchange "x".' } as const
const lineOf = (number: number, socket = parseSocket('rabbitmq:h/x?k')) => ({
  number,
  bytes: Buffer.from('{}'),
  event: 'E',
  results: [{ socket, failure }],
})

test('a subscriber that fails for an hour is reported at first at once, and then ever more rarely', () => {
  const said: string[] = []
  const failures = new LineFailures(styleFor({}, {}), (text) => said.push(text))
  const hour = 3600
  for (let second = 1; second <= hour; second++) {
    failures.show(lineOf(second))
    vi.advanceTimersByTime(1000)
    if (second === 1) expect(said.join('')).toMatch(/^✖ line 1: rabbitmq:guest@h:5672\/x\?k {2}no-exchange\n/)
  }
  failures.finish()
  expect(said.length).toBeLessThan(75)
  // Each line is in one of the reports.
  const reported = said.map((text) => /lines? (\d+)(?: to (\d+))?:/.exec(text) ?? [])
  let next = 1
  for (const [, first, last] of reported) {
    expect(Number(first)).toBe(next)
    next = Number(last ?? first) + 1
  }
  expect(next).toBe(hour + 1)
})

test('a subscriber that begins to fail later is reported at once', () => {
  const said: string[] = []
  const failures = new LineFailures(styleFor({}, {}), (text) => said.push(text))
  for (let second = 1; second <= 100; second++) {
    failures.show(lineOf(second))
    vi.advanceTimersByTime(1000)
  }
  const before = said.length
  failures.show(lineOf(101, parseSocket('rabbitmq:h/x?other')))
  expect(said.slice(before)).toEqual([expect.stringContaining('line 101: rabbitmq:guest@h:5672/x?other')])
})

test('lines whose event has no subscriber are one report an event, and a number for those of many events', () => {
  const said: string[] = []
  const failures = new LineFailures(styleFor({}, {}), (text) => said.push(text))
  const unsubscribed = (number: number, event: string) => {
    const failure = {
      code: 'no-subscriber',
      message: `${event} has no subscriber.`,
      hint: 'Add one.',
    } as const
    failures.show({ number, bytes: Buffer.from('{}'), event, results: [{ socket: undefined, failure }] })
  }
  for (let number = 1; number <= 50; number++) unsubscribed(number, 'E_A')
  expect(said).toEqual(['✖ line 1: E_A has no subscriber.\n  Add one.\n'])
  for (let number = 51; number <= 1000; number++) unsubscribed(number, `E_${number}`)
  failures.finish()
  expect(said.length).toBeLessThan(15)
  expect(said.join('')).toContain('lines 2 to 50: no-subscriber')
})

test('a reason that was said is not said again, nor what to do about it; what is so for the message is', () => {
  const said: string[] = []
  const lost = 'The connection to h:5672 was lost: it is full.'
  const failures = new LineFailures(styleFor({}, {}), (text) => said.push(text), new Set([lost]))
  const socket = (key: string) => parseSocket(`rabbitmq:h/${key}`)
  const failed = (key: string, rest = '', name = 'h') => ({
    socket: socket(key),
    failure: {
      code: 'unreachable',
      message: `${lost.replace('h:', `${name}:`)}${rest}`,
      hint: 'Make room.',
    } as const,
  })
  const line = { number: 1, bytes: Buffer.from('{}'), event: 'E' }
  failures.show({
    ...line,
    results: [failed('a'), failed('b', ' The message may have arrived.'), failed('c', '', 'other')],
  })
  failures.show({ ...line, number: 2, results: Array.from({ length: 10 }, (_, at) => failed(`q${at}`)) })
  expect(said).toEqual([
    '✖ line 1: rabbitmq:guest@h:5672/a  unreachable\n  Make room.\n',
    '✖ line 1: rabbitmq:guest@h:5672/b  unreachable\n  The message may have arrived.\n',
    '✖ line 1: rabbitmq:guest@h:5672/c  unreachable\n  The connection to other:5672 was lost: it is full.\n',
    '✖ line 2: 10 subscribers  unreachable\n',
  ])
})
