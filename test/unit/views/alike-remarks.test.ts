import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AlikeRemarks } from '#lib/views/alike-remarks.ts'

let said: string[]
let remarks: AlikeRemarks

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  said = []
  remarks = new AlikeRemarks((text) => said.push(text))
})
afterEach(() => {
  vi.useRealTimers()
})

test('what 300 connections say in one moment is the first remark and a number', () => {
  for (let number = 0; number < 300; number++) remarks.show('✖ The connection to h:5672 was lost.')
  for (let number = 0; number < 300; number++) remarks.show(`✔ Connected again after ${number} s.`)
  vi.advanceTimersByTime(250)
  expect(said).toEqual([
    '✖ The connection to h:5672 was lost.\n',
    '✔ Connected again after 0 s.\n',
    '✖ The connection to h:5672 was lost. (299 times more)\n',
    '✔ Connected again after 299 s. (299 times more)\n',
  ])
})

test('each host is named, however their connections take turns', () => {
  const lost = (host: number) => `✖ The connection to 10.0.0.${host}:5672 was lost.`
  for (let number = 0; number < 300; number++) remarks.show(lost(number % 3))
  remarks.flush()
  expect(said).toEqual([
    ...[0, 1, 2].map((host) => `${lost(host)}\n`),
    ...[0, 1, 2].map((host) => `${lost(host)} (99 times more)\n`),
  ])
})

test('the attempts of one connection are said one by one', () => {
  remarks.show('✖ Nothing listens there. Trying again in 0.5 s.')
  vi.advanceTimersByTime(500)
  remarks.show('✖ Nothing listens there. Trying again in 1.0 s.')
  expect(said).toHaveLength(2)
  remarks.show('✖ Nothing listens there. Trying again in 2.0 s.')
  remarks.flush()
  expect(said[2]).toBe('✖ Nothing listens there. Trying again in 2.0 s.\n')
})

test('remarks that never stop are counted each two seconds', () => {
  for (let number = 0; number < 50; number++) {
    remarks.show('✖ Lost.')
    vi.advanceTimersByTime(100)
  }
  expect(said.filter((text) => text.includes('times more')).length).toBeGreaterThanOrEqual(2)
})

/** An attempt that failed, with the next one in so many seconds. */
const failed = (seconds: number) => ({
  remark: '✖ The connection to h:5672 was lost: no channel is left.',
  again: '✖ The connection to h:5672 was lost …',
  next: ` Trying again in ${seconds.toFixed(1)} s.`,
})
const first = '✖ The connection to h:5672 was lost: no channel is left. Trying again in 0.5 s.\n'

/** Fails some attempts, each after the pause of the one before. */
function fail(pauses: readonly number[]): void {
  for (const seconds of pauses) {
    remarks.showFailure(failed(seconds))
    vi.advanceTimersByTime(seconds * 1000)
  }
}

test('an attempt that fails again and again is said once, and then how often when it is over', () => {
  fail([0.5, 1, 2])
  expect(said).toEqual([first])
  remarks.show('✔ Connected to h:5672 after 3.5 s.')
  remarks.showFailure(failed(0.5))
  expect(said.slice(1)).toEqual([
    '✖ The connection to h:5672 was lost … (2 times more)\n',
    '✔ Connected to h:5672 after 3.5 s.\n',
    first,
  ])
})

test('what was held back is said before something else, and attempts that go on failing are not said again', () => {
  fail([0.5, 1])
  remarks.catchUp()
  fail([2, 4])
  remarks.catchUp()
  remarks.catchUp()
  expect(said).toEqual([
    first,
    '✖ The connection to h:5672 was lost … (once more)\n',
    '✖ The connection to h:5672 was lost … (2 times more)\n',
  ])
})

test('a failure that stops without a next attempt is of the row of the others', () => {
  fail([0.5, 1])
  remarks.showFailure({ ...failed(0), next: '' })
  remarks.flush()
  expect(said).toEqual([first, '✖ The connection to h:5672 was lost … (2 times more)\n'])
})

test('an attempt that fails for minutes is said after growing pauses, and one that fails later is new', () => {
  for (let number = 0; number < 30; number++) {
    remarks.showFailure(failed(10))
    vi.advanceTimersByTime(10_000)
  }
  expect(said.map((text) => /\((\w+)(?: times)? more\)/.exec(text)?.[1])).toEqual([
    undefined,
    'once',
    'once',
    '2',
    '4',
    '6',
    '6',
    '6',
  ])
  remarks.flush()
  const before = said.length
  remarks.showFailure(failed(10))
  vi.advanceTimersByTime(40_000)
  remarks.showFailure(failed(10))
  const alone = `${failed(10).remark}${failed(10).next}\n`
  expect(said.slice(before)).toEqual([alone, alone])
})
