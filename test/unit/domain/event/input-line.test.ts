import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readParamsLine, readStreamLine } from '#lib/domain/event/input-line.ts'

const notification = '{"jsonrpc":"2.0","method":"E_X","params":{"n":1.0}}'
const recorded = (message: string, about: object = {}) =>
  `${JSON.stringify({ time: '2026-11-23T12:00:00.000Z', socket: 's', ...about }).slice(0, -1)},"message":${message}}`

test.each([
  notification,
  ' { "method" : "E_X" , "jsonrpc" : "2.0" } ',
  '{"jsonrpc":"2.0","method":"E_X","message":{}}',
])('%j is raised as it is', (line) => {
  expect(readStreamLine(line)).toEqual({ event: 'E_X' })
})

describe('what tail recorded', () => {
  test('is raised as its message was, digits, escapes and order', () => {
    const message =
      '{"jsonrpc":"2.0","method":"E_X","params":{"2":1.0,"1":12345678901234567890,"u":"\\u00fc"}}'
    expect(readStreamLine(recorded(message))).toEqual({
      event: 'E_X',
      notification: message,
      properties: undefined,
      time: Date.parse('2026-11-23T12:00:00.000Z'),
    })
  })

  test('is understood whatever the order and the white space', () => {
    const line = `{ "message" : ${notification} , "properties" : { "headers" : { "message" : {} } } , "time" : "never" }`
    expect(readStreamLine(line)).toEqual({
      event: 'E_X',
      notification,
      properties: { headers: { message: {} } },
    })
  })

  test('keeps what a raise can set, and nothing else', () => {
    const properties = {
      contentType: 'a/b',
      messageId: '7',
      headers: { x: [1, { y: null }] },
      expiration: '1',
      priority: 3,
      replyTo: 'answers',
      userId: 'root',
      deliveryMode: 2,
    }
    expect(readStreamLine(recorded(notification, { properties })).properties).toEqual({
      contentType: 'a/b',
      messageId: '7',
      headers: { x: [1, { y: null }] },
      expiration: '1',
      priority: 3,
      replyTo: 'answers',
    })
  })

  test.each([999, -1, 1.5])('is refused with a priority of %d, which AMQP has no room for', (priority) => {
    const line = recorded(notification, { properties: { priority } })
    expect(() => readStreamLine(line)).toThrow(`The property "priority" is ${priority}, not a whole number`)
  })

  test('whatever stands around the message, it is found', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (params, headers) => {
        const message = JSON.stringify({ jsonrpc: '2.0', method: 'E_X', params: { params } })
        const line = recorded(message, { properties: { other: headers, text: ',"message":{' } })
        expect(readStreamLine(line).notification).toBe(message)
      }),
    )
  })
})

test('anything else is refused in words, and nothing else is thrown', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify({ message: value })),
      ),
      (line) => {
        expect(() => readStreamLine(line)).toThrow(expect.objectContaining({ name: 'EviError' }))
      },
    ),
  )
})

test.each([
  ['{"b":1.0, "1":[ ]}', ',"params":{"b":1.0,"1":[]}'],
  ['["x"]', ',"params":["x"]'],
  ['{}', ''],
])('the params %s make a notification', (line, params) => {
  expect(readParamsLine('E_X', line).notification).toBe(`{"jsonrpc":"2.0","method":"E_X"${params}}`)
})

test.each(['1', '"x"', 'null', '{', '{"a":1,"a":2}'])('the params %s are refused', (line) => {
  expect(() => readParamsLine('E_X', line)).toThrow(expect.objectContaining({ code: 'data' }))
})
