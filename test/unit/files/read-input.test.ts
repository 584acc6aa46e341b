import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readInput } from '#lib/files/read-input.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function fileWith(content: string | Buffer): string {
  const file = join(directory, 'input')
  writeFileSync(file, content)
  return file
}

test.each(['', '{"a":1}\n', 'żółć 漢字 😀', 'a\r\n\r\nb\0'])(
  'a file is read as it is: %j',
  async (content) => {
    expect(await readInput(fileWith(content))).toBe(content)
  },
)

test.each([
  ['a lone byte', Buffer.of(0xff)],
  ['Latin-1', Buffer.from('zażółć', 'latin1')],
  ['half a character', Buffer.from('ż').subarray(0, 1)],
  ['a surrogate', Buffer.of(0xed, 0xa0, 0x80)],
])('what is no UTF-8 is bad data, named: %s', async (_, bytes) => {
  const file = fileWith(bytes)
  await expect(readInput(file)).rejects.toMatchObject({
    code: 'data',
    message: `${file} is not valid UTF-8.`,
  })
})

describe('a file that cannot be read is named, with the reason', () => {
  test('as it is not there', async () => {
    const file = join(directory, 'nowhere')
    const message = `The file ${file} cannot be read (no such file).`
    await expect(readInput(file)).rejects.toMatchObject({ code: 'no-input', exit: 66, message })
  })

  test('as it is a directory', async () => {
    const message = `The file ${directory} cannot be read (it is a directory).`
    await expect(readInput(directory)).rejects.toMatchObject({ code: 'no-input', message })
  })
})
