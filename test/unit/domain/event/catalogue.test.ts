import { describe, expect, test } from 'vitest'
import {
  catalogueDate,
  catalogueSource,
  findEvents,
  knownEvent,
  knownEvents,
} from '#lib/domain/event/catalogue.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { eventParams } from '#lib/domain/event/event-params.ts'
import data from '#lib/domain/event/opensips-events.json' with { type: 'json' }

const names = (words: string) => findEvents(words).map(({ name }) => name)

describe('the catalogue of OpenSIPS events', () => {
  test('names its source and the day of it', () => {
    expect(catalogueSource).toContain('https://github.com/OpenSIPS/opensips')
    expect(catalogueDate).toMatch(/^\d{4}-\d{2}-\d{2}$/)
  })

  test('has the 63 events of OpenSIPS, each once, with names that evi takes', () => {
    const all = knownEvents.map(({ name }) => checkEventName(name))
    expect(new Set(all).size).toBe(all.length)
    expect(all).toHaveLength(63)
    expect(all.filter((name) => !/^E_[A-Z0-9_]+$/.test(name))).toEqual([])
  })

  test.each(data.events.map((event) => [event.name, event] as const))('is whole at %s', (_name, event) => {
    expect(event.since).toMatch(/^\d+\.\d+$/)
    expect(event.when).toMatch(/^[A-Z].*\.$/)
    expect(event.module).toMatch(/^[a-z0-9_]+$/)
    const params = event.params.map(({ name }) => name)
    expect(new Set(params).size).toBe(params.length)
    expect(params.length).toBeGreaterThan(0)
    for (const { name, type, example } of event.params) {
      expect(name).toMatch(/^\w{1,64}$/)
      if (type === 'integer') expect(Math.trunc(example as number) | 0, name).toBe(example)
      else expect([type, typeof example], name).toEqual(['string', 'string'])
    }
  })

  test('has the parameters of an event in the order in which OpenSIPS sends them', () => {
    expect(
      knownEvent('E_CORE_THRESHOLD')
        ?.params.map(({ name }) => name)
        .join(' '),
    ).toBe(eventParams.E_CORE_THRESHOLD)
    expect(knownEvent('E_PIKE_BLOCKED')?.params).toEqual([
      { name: 'ip', type: 'string', example: expect.any(String) },
    ])
    expect(knownEvent('E_NONE')).toBeUndefined()
  })
})

describe('events are found', () => {
  test.each([
    ['by a part of the name, whatever its case', 'pike', ['E_PIKE_BLOCKED']],
    ['by the module', 'fraud_detection', ['E_FRD_CRITICAL', 'E_FRD_WARNING']],
    ['by words of the meaning, in any order', 'memory shared', ['E_CORE_SHM_THRESHOLD']],
    ['not at all by what is in none', 'E_OWN', []],
    ['not at all where they are only examples of a script', 'E_SIP_MESSAGE', []],
  ])('%s', (_promise, words, expected) => {
    expect(names(words)).toEqual(expected)
  })

  test('all of them by no words', () => {
    expect(names('')).toEqual(knownEvents.map(({ name }) => name))
  })
})
