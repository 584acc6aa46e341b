import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TerminalPace } from '#lib/views/tail/terminal-pace.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('a burst is printed whole, then 25 events a second, and each second says how many were not', () => {
  const said: string[] = []
  const pace = new TerminalPace({ more: '…', say: (line) => said.push(line) })
  expect(pace.admit(150)).toBe(150)
  expect(pace.admit(1262)).toBe(50)
  vi.advanceTimersByTime(1000)
  expect(said).toEqual(['… 1,212 more, too fast to read: --full or --json prints all'])
  expect(pace.admit(100)).toBe(25)
  pace.end()
  expect(said.at(-1)).toBe('… 75 more, too fast to read: --full or --json prints all')
  vi.advanceTimersByTime(5000)
  expect(said).toHaveLength(2)
})

test('a stream that can be read is printed whole, and nothing is said', () => {
  const say = vi.fn()
  const pace = new TerminalPace({ more: '…', say })
  for (let second = 0; second < 60; second++) {
    expect(pace.admit(25)).toBe(25)
    vi.advanceTimersByTime(1000)
  }
  pace.end()
  expect(say).not.toHaveBeenCalled()
})

test('what was asked for is printed on top, once', () => {
  const pace = new TerminalPace({ extra: 1000, more: '…', say: () => {} })
  expect(pace.admit(1000)).toBe(1000)
  expect(pace.admit(1000)).toBe(200)
})
