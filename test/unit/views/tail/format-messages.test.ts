import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatRenderer } from '#lib/views/tail/format-messages.ts'

const lineOf = (template: string, body: string | Buffer) =>
  formatRenderer(template)([
    {
      time: new Date('2026-11-23T10:00:00.007Z'),
      socket: 'rabbitmq:guest@h:5672/q',
      messages: [
        { exchange: 'e', routingKey: 'k', redelivered: false, properties: {}, body: Buffer.from(body) },
      ],
    },
  ])
const event = '{"jsonrpc":"2.0","method":"E_X","params":{"ip":"10.0.0.1","n": 1.0,"a b":"\\u001b[2J"}}'

describe('a template', () => {
  test.each([
    ['{time} {event} {param.ip}', '2026-11-23T10:00:00.007Z E_X 10.0.0.1\n'],
    ['{socket} {exchange} {routingKey}', 'rabbitmq:guest@h:5672/q e k\n'],
    ['{params}', '{"ip":"10.0.0.1","n":1.0,"a b":"\\u001b[2J"}\n'],
    ['{param.n}{param.missing}|{param.a b}', '1.0|\\x1b[2J\n'],
    ['{{{event}}}', '{E_X}\n'],
    [String.raw`a\tb\\t\x`, 'a\tb\\t\\x\n'],
    ['', '\n'],
  ])('%j of an event is %j', (template, line) => {
    expect(lineOf(template, event)).toBe(line)
  })

  test('leaves empty what a message does not have', () => {
    expect(lineOf('[{event}{params}{param.ip}] {body}', 'a\nb')).toBe('[] a\\x0ab\n')
    expect(lineOf('[{event}] {body}', Buffer.of(0xff))).toBe('[] /w==\n')
    expect(lineOf('{param.1}{param.2}', '{"jsonrpc":"2.0","method":"E","params":["x",2]}')).toBe('x2\n')
  })

  test.each([
    ['{event', 'closing }', 0],
    ['a } b', 'no { opens', 2],
    ['é {}', 'no such field', 3],
    ['{ip}', 'no such field', 1],
    ['{param.}', 'no such field', 1],
    ['{event} {{event}', 'no { opens', 15],
  ])('%j is refused with 64 and a caret', (template, reason, at) => {
    const caret = `\n  ${' '.repeat(at)}^`
    expect(() => formatRenderer(template)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(reason) }),
    )
    expect(() => formatRenderer(template)).toThrow(caret)
  })

  test('is read or refused with 64, whatever it is', () => {
    const pieces = fc.constantFrom('{', '}', '\\', 'event', 'param.', 't', ' ')
    fc.assert(
      fc.property(fc.array(pieces), (all) => {
        try {
          expect(String(lineOf(all.join(''), event))).toMatch(/\n$/)
        } catch (error) {
          expect(error).toMatchObject({ code: 'usage' })
        }
      }),
    )
  })
})
