import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Watched } from '#lib/services/tail/tail-request.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { BackLines } from '#lib/views/tail/back-lines.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const said: string[] = []
beforeEach(() => void said.splice(0))
const lines = () => new BackLines((line) => said.push(line), styleFor({}, { LANG: 'C.UTF-8' }))
const watched = (socket: string, resumed = false) => [{ socket, resumed } as Watched]

test('one connection that is back is said at once', () => {
  lines().show(watched('a'), 1234)
  expect(said).toEqual(['✔ Watching a again; events of the last 1.2 s may have been missed.'])
})

test('a gap is never said to be none where something may have been missed', () => {
  lines().show(watched('a'), 3)
  expect(said).toEqual(['✔ Watching a again; events of the last 0.1 s may have been missed.'])
})

test('of hundreds that are back in one moment, those behind the first are one line with the longest gap', () => {
  const back = lines()
  for (let at = 0; at < 300; at++) back.show(watched(`s${at}`), 1000 + at)
  vi.advanceTimersByTime(1000)
  back.show(watched('late', true), 5)
  back.flush()
  expect(said).toEqual([
    '✔ Watching s0 again; events of the last 1.0 s may have been missed.',
    '✔ Watching 299 sockets such as s1 again; events of the last 1.3 s may have been missed.',
    '✔ Watching late again; nothing was missed.',
  ])
})
