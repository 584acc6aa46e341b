import fc from 'fast-check'
import { expect, test } from 'vitest'
import { variablesOf } from '#lib/services/tail/runs/event-variables.ts'
import { cases } from '../../../../helpers/cases.ts'

const arrival = { socket: 'rabbitmq:guest@h:5672/q', time: new Date('2026-11-30T18:00:00Z') }
const about = { exchange: 'ex', routingKey: 'k', redelivered: false, properties: {} }
const variables = (body: string | Buffer) => variablesOf({ body: Buffer.from(body), ...about }, arrival)
const event = (params?: unknown) => variables(JSON.stringify({ jsonrpc: '2.0', method: 'E_X', params }))

const common = {
  EVI_TIME: '2026-11-30T18:00:00.000Z',
  EVI_SOCKET: 'rabbitmq:guest@h:5672/q',
  EVI_EXCHANGE: 'ex',
  EVI_ROUTING_KEY: 'k',
}

test('an event and its params become variables, the strings without quotes, all other values as JSON', () => {
  expect(event({ ip: '10.0.0.1', count: 5, 'call-id': 'a b', list: [1, 'x'], none: null })).toEqual({
    ...common,
    EVI_EVENT: 'E_X',
    EVI_PARAM_IP: '10.0.0.1',
    EVI_PARAM_COUNT: '5',
    EVI_PARAM_CALL_ID: 'a b',
    EVI_PARAM_LIST: '[1,"x"]',
    EVI_PARAM_NONE: 'null',
  })
})

test('params without a name have numbers', () => {
  expect(event(['a', 2])).toEqual({ ...common, EVI_EVENT: 'E_X', EVI_PARAM_1: 'a', EVI_PARAM_2: '2' })
})

test.each([['no notification'], [Buffer.from([0xff, 0x00])], ['']])('%j has an empty EVI_EVENT', (body) => {
  expect(variables(body)).toEqual({ ...common, EVI_EVENT: '' })
})

test('what has a NUL, or does not fit beside the others, is left out', () => {
  const params = {
    nul: 'a\0b',
    big: 'x'.repeat(70_000),
    half: 'x'.repeat(40_000),
    other: 'y'.repeat(40_000),
    ip: '1',
  }
  expect(Object.keys(event(params)).filter((name) => name.startsWith('EVI_PARAM'))).toEqual([
    'EVI_PARAM_HALF',
    'EVI_PARAM_IP',
  ])
})

test('no event sets any other variable, or one that a system would refuse', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (params) => {
      for (const [name, value] of Object.entries(event(params))) {
        expect(name).toMatch(/^EVI_(?:EVENT|TIME|SOCKET|EXCHANGE|ROUTING_KEY|PARAM_[A-Z0-9_]*)$/)
        expect(value).not.toContain('\0')
      }
    }),
    { numRuns: cases(40) },
  )
})
