import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter } from '#lib/files/line-splitter.ts'

/** Splits chunks, and collects what is too long. */
function split(chunks: readonly Buffer[], limit = 1000) {
  const long: string[] = []
  let current = ''
  const splitter = new LineSplitter({
    limit,
    onTooLong: (piece, last) => {
      current += piece.toString('latin1')
      if (!last) return
      long.push(current)
      current = ''
    },
  })
  const lines = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()]
  return { lines: lines.map(({ number, bytes }) => [number, bytes?.toString('latin1')]), long }
}

test.each([
  ['', []],
  ['a', ['a']],
  ['a\n', ['a']],
  ['a\nb', ['a', 'b']],
  ['a\r\nb\r\n', ['a', 'b']],
  ['\n\na\n', ['', '', 'a']],
  ['a\rb\n', ['a\rb']],
  ['\0\n', ['\0']],
])('%j is cut into lines', (text, expected) => {
  expect(split([Buffer.from(text)]).lines).toEqual(expected.map((line, index) => [index + 1, line]))
})

test('a byte order mark is no part of the first line, and part of any other', () => {
  const mark = '\ufeff'
  const { lines } = split([Buffer.from(`${mark}a\n${mark}b\n`)])
  expect(lines).toEqual([
    [1, 'a'],
    [2, Buffer.from(`${mark}b`).toString('latin1')],
  ])
})

test('however the bytes come in, the lines are the same', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r', '\ufeff', 'ü') })
  fc.assert(
    fc.property(text, fc.array(fc.nat(6)), fc.integer({ min: 1, max: 12 }), (input, sizes, limit) => {
      const bytes = Buffer.from(input)
      const chunks: Buffer[] = []
      let at = 0
      for (const size of sizes) {
        chunks.push(bytes.subarray(at, at + size))
        at = Math.min(at + size, bytes.length)
      }
      chunks.push(bytes.subarray(at))
      expect(split(chunks, limit)).toEqual(split([bytes], limit))
    }),
  )
})

test('nothing is lost of a line that is too long, and its neighbours are whole', () => {
  const { lines, long } = split([Buffer.from('short\n'), Buffer.alloc(70, 'x'), Buffer.from('x\r\nnext')], 20)
  expect(lines).toEqual([
    [1, 'short'],
    [2, undefined],
    [3, 'next'],
  ])
  expect(long).toEqual([`${'x'.repeat(71)}\r\n`])
})
