import fc from 'fast-check'
import { expect, test } from 'vitest'
import { harmless } from '#lib/terminal/escape-guard.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { rawRenderer, renderJsonMessages, textRenderer } from '#lib/views/tail/render-message.ts'
import { cases } from '../../helpers/cases.ts'
import { hostile, leftovers } from '../../helpers/evi/hostile-text.ts'

const asText = textRenderer(styleFor({}, {}))

const anything = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.json({ stringUnit: 'binary' }).map((json) => Buffer.from(json)),
  fc.constant(Buffer.from(hostile)),
)
/** Notifications, a little of their bytes changed or not. */
const notification = fc
  .tuple(
    fc.string({ unit: 'binary' }),
    fc.json({ stringUnit: 'binary' }),
    fc.constantFrom(0, 1, '\t'),
    fc.option(fc.tuple(fc.nat(), fc.nat(255))),
  )
  .map(([method, params, indent, change]) => {
    const body = Buffer.from(
      JSON.stringify({ jsonrpc: '2.0', method, params: JSON.parse(params) }, undefined, indent),
    )
    if (change) body[change[0] % body.length] = change[1]
    return body
  })
const message = fc.record({
  body: fc.oneof(anything, notification),
  exchange: fc.string({ unit: 'binary' }),
  routingKey: fc.string({ unit: 'binary' }),
  redelivered: fc.boolean(),
  properties: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })),
})

test('any message is a harmless line of text, not much longer than its bytes need', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 3 }), (messages) => {
      const text = String(asText([{ time: new Date(), socket: 'rabbitmq:h/q', messages }]))
      expect(text.split('\n')).toHaveLength(messages.length + 1)
      expect(leftovers(text)).toEqual([])
      // A byte may be shown as an escape of JSON or of the terminal, of six characters and more.
      expect(text.length).toBeLessThan(messages.reduce((sum, { body }) => sum + 12 * body.length + 60, 1))
    }),
    { numRuns: cases(2000) },
  )
})

test('any message is a harmless line of JSON, which means what came', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 3 }), (messages) => {
      const text = String(renderJsonMessages([{ time: new Date(), socket: 'rabbitmq:h/q', messages }]))
      expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u)
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines).toHaveLength(messages.length)
      for (const [index, { body, exchange, routingKey }] of messages.entries()) {
        const line = lines[index]
        expect(line).toMatchObject({ exchange, routingKey })
        if ('bodyBase64' in line) expect(Buffer.from(line.bodyBase64, 'base64')).toEqual(body)
        else if ('body' in line) expect(Buffer.from(line.body)).toEqual(body)
        else expect(JSON.stringify(line.message)).toBe(JSON.stringify(JSON.parse(body.toString())))
      }
    }),
    { numRuns: cases(2000) },
  )
})

test('raw bodies are bytes in a pipe, and harmless lines on a terminal', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 3 }), (messages) => {
      const tailed = [{ time: new Date(), socket: '', messages }]
      expect(rawRenderer(false)(tailed)).toEqual(
        Buffer.concat(messages.flatMap(({ body }) => [body, Buffer.from('\n')])),
      )
      expect(leftovers(String(rawRenderer(true)(tailed)))).toEqual([])
    }),
    { numRuns: cases(1000) },
  )
})

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom(
    '\x1b',
    '\x1b[',
    '[31m',
    '\x1b[31m',
    '\x1b[39m',
    '\x1b[0m',
    '\x1b[2J',
    '\x9b',
    ']0;x\x07',
    '\r',
    '\n',
    '\t',
    '7',
    '\ud800',
    hostile,
  ),
)
const pieces = fc.array(piece, { maxLength: 12 })

test("through the guard comes text in evi's own colours and nothing else, however it is cut", () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const shown = parts.map(harmless).join('')
      expect(leftovers(shown)).toEqual([])
      expect(harmless(shown)).toBe(shown)
    }),
    { numRuns: cases(5000) },
  )
})

test('what is visible already passes the guard as it is', () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join('')
      for (const shown of [visibleLine(text), visibleBlock(text)]) expect(harmless(shown)).toBe(shown)
    }),
    { numRuns: cases(2000) },
  )
})
