import { describe, expect, test } from 'vitest'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { findEvents, knownEvents } from '#lib/domain/event/opensips-events.ts'

const names = (words: string) => findEvents(words).map(({ name }) => name)

test('the known events have names that evi takes, each once', () => {
  const all = knownEvents.map(({ name }) => checkEventName(name))
  expect(new Set(all).size).toBe(all.length)
})

describe('events are found', () => {
  test.each([
    ['by a part of the name, whatever its case', 'pike', ['E_PIKE_BLOCKED']],
    ['by the module', 'fraud_detection', ['E_FRD_WARNING', 'E_FRD_CRITICAL']],
    ['by words of the meaning, in any order', 'memory shared', ['E_CORE_SHM_THRESHOLD']],
    ['not at all by what is in none', 'E_OWN', []],
  ])('%s', (_promise, words, expected) => {
    expect(names(words)).toEqual(expected)
  })

  test('all of them by no words', () => {
    expect(names('')).toEqual(knownEvents.map(({ name }) => name))
  })
})
