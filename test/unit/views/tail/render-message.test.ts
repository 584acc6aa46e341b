import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadColours, styleFor } from '#lib/terminal/style.ts'
import { visibleJson } from '#lib/text/escape-controls.ts'
import { rawRenderer, renderJsonMessages, textRenderer } from '#lib/views/tail/render-message.ts'

const message = (body: string | Buffer, about = {}) => ({
  exchange: 'e',
  routingKey: 'q',
  redelivered: false,
  properties: { contentType: 'a\u009b' },
  body: Buffer.from(body),
  ...about,
})
const tailed = (...messages: ReturnType<typeof message>[]) => [
  { time: new Date('2026-11-23T10:00:00.007Z'), socket: 'rabbitmq:guest@h:5672/q', messages },
]
const asText = textRenderer(styleFor({}, {}))
const lineOf = (body: string | Buffer) =>
  String(asText(tailed(message(body)))).replace(/^\d\d:\d\d:\d\d\.007 {2}/, '')
const notification = (params: string) => `{"jsonrpc":"2.0","method":"E_X","params":${params}}`

describe('a line of text', () => {
  test.each([
    [notification('{"a":"b","n": 1.0,"o":{"x": null}}'), 'E_X  a=b  n:=1.0  o:={"x":null}\n'],
    [notification('["one", 2, "a b"]'), 'E_X  one  2  "a b"\n'],
    [notification('{"s":"","q":"\\"","t":"a b","l":"a\\nb"}'), 'E_X  s=""  q="\\""  t="a b"  l="a\\nb"\n'],
    ['{"jsonrpc":"2.0","method":"E_X"}', 'E_X\n'],
    [notification('{"a\\u001b[2J":"\\u009b","b":"\u202e"}'), 'E_X  a\\x1b[2J=\\x9b  b=\\u{202e}\n'],
    ['{"jsonrpc":"2.0","method":"E\\n\\u001bX"}', 'E\\x0a\\x1bX\n'],
    ['hello\n\u001b[31m', 'no notification: "hello\\n\\u001b[31m"\n'],
    ['', 'no notification: ""\n'],
    [Buffer.of(0xff, 0xfe), 'no notification: base64 //4=\n'],
  ])('%j is %j', (body, line) => {
    expect(lineOf(body)).toBe(line)
  })

  test('has dim names of params on a terminal, and plain values', async () => {
    await loadColours([{ isTTY: true }], {})
    const onTerminal = textRenderer(styleFor({ isTTY: true }, {}))
    const line = String(onTerminal(tailed(message(notification('{"a\\u001b":"b","n":1}')))))
    const dim = (text: string) => `\u001b[2m${text}\u001b[22m`
    expect(line).toMatch(/E_X/)
    expect(line.endsWith(`  ${dim('a\\x1b=')}b  ${dim('n:=')}1\n`)).toBe(true)
  })

  test('begins with the local time', () => {
    expect(String(asText(tailed(message(''))))).toMatch(/^\d\d:\d\d:00\.007 {2}/)
  })
})

describe('a line of JSON', () => {
  const about =
    '{"time":"2026-11-23T10:00:00.007Z","socket":"rabbitmq:guest@h:5672/q","exchange":"e","routingKey":"q",' +
    '"redelivered":false,"properties":{"contentType":"a\\u009b"},'

  test.each([
    [
      '{"jsonrpc":"2.0", "method":"E_X","params":{"2":1.0, "1":1e400}}\n',
      '"message":{"jsonrpc":"2.0","method":"E_X","params":{"2":1.0,"1":1e400}}}\n',
    ],
    [notification('["\u009b\u202e"]'), `"message":${notification('["\\u009b\\u202e"]')}}\n`],
    ['hello\n', '"body":"hello\\n"}\n'],
    ['[1]', '"body":"[1]"}\n'],
    ['\ufeffx', '"body":"\\ufeffx"}\n'],
    [Buffer.of(0xff), '"bodyBase64":"/w=="}\n'],
  ])('for %j', (body, rest) => {
    expect(renderJsonMessages(tailed(message(body)))).toBe(about + rest)
  })

  test('shows of each message what is its own', () => {
    const own = [
      { properties: { messageId: '1' } },
      { properties: { messageId: '2' } },
      { redelivered: true },
      { routingKey: 'r' },
      { exchange: '' },
      { exchange: '' },
    ]
    const lines = String(renderJsonMessages(tailed(...own.map((about) => message('x', about))))).split('\n')
    const { body: _, ...rest } = message('x')
    expect(lines.slice(0, -1).map((line) => JSON.parse(line))).toMatchObject(
      own.map((about) => ({ ...rest, ...about })),
    )
  })

  test('of a notification is the text between its tokens and nothing else', () => {
    const values = fc.json({ stringUnit: 'binary' })
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1, '\t'), (json, indent) => {
        const value = { jsonrpc: '2.0', method: 'E_X', params: JSON.parse(json) }
        const line = String(renderJsonMessages(tailed(message(JSON.stringify(value, undefined, indent)))))
        expect(line).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        expect(line).toBe(`${about}"message":${visibleJson(JSON.stringify(value))}}\n`)
      }),
    )
  })
})

describe('raw bodies', () => {
  const body = Buffer.from('a\u001b[2J\n\xff', 'latin1')

  test('go into a pipe byte for byte', () => {
    const newline = Buffer.from('\n')
    expect(rawRenderer(false)(tailed(message(body), message(''), message('b')))).toEqual(
      Buffer.concat([body, newline, newline, Buffer.from('b'), newline]),
    )
  })

  test('of several sockets follow each other', () => {
    const pieces = [...tailed(message('a'), message('b')), ...tailed(message('c'))]
    expect(rawRenderer(false)(pieces)).toEqual(Buffer.from('a\nb\nc\n'))
    expect(rawRenderer(true)(pieces)).toBe('a\nb\nc\n')
  })

  test('are harmless on a terminal', () => {
    expect(rawRenderer(true)(tailed(message(body), message('b')))).toBe('a\\x1b[2J\\x0a\ufffd\nb\n')
  })
})
