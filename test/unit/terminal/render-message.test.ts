import { describe, expect, test } from 'vitest'
import { rawRenderer, renderJsonMessage, textRenderer } from '../../../src/lib/terminal/render-message.ts'
import { styleFor } from '../../../src/lib/terminal/style.ts'

const message = (body: string | Buffer) => ({
  time: new Date('2026-11-23T10:00:00.007Z'),
  socket: 'rabbitmq:guest@h:5672/q',
  exchange: 'e',
  routingKey: 'q',
  redelivered: false,
  properties: { contentType: 'a\u009b' },
  body: Buffer.from(body),
})
const asText = textRenderer(await styleFor({}, {}))
const lineOf = (body: string | Buffer) =>
  String(asText(message(body))).replace(/^\d\d:\d\d:\d\d\.007 {2}/, '')
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

  test('begins with the local time', () => {
    expect(String(asText(message('')))).toMatch(/^\d\d:\d\d:00\.007 {2}/)
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
    expect(renderJsonMessage(message(body))).toBe(about + rest)
  })
})

describe('a raw body', () => {
  const body = Buffer.from('a\u001b[2J\n\xff', 'latin1')

  test('goes into a pipe byte for byte', () => {
    expect(rawRenderer(false)(message(body))).toEqual(Buffer.concat([body, Buffer.from('\n')]))
  })

  test('is harmless on a terminal', () => {
    expect(rawRenderer(true)(message(body))).toBe('a\\x1b[2J\\x0a\ufffd\n')
  })
})
