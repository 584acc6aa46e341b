import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PasswordFiles, readPassword } from '#lib/files/password-files.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function fileWith(content: string): string {
  const file = join(directory, 'password')
  writeFileSync(file, content)
  return file
}

test.each([
  ['s3cret', 's3cret'],
  ['s3cret\n', 's3cret'],
  ['s3cret\r\n', 's3cret'],
  [' s3 cret \n\n', ' s3 cret \n'],
])('a password file with %j holds the password %j', async (content, password) => {
  expect(await readPassword(fileWith(content))).toBe(password)
})

test.each(['', '\n', '\r\n'])('a password file with %j is refused', async (content) => {
  await expect(readPassword(fileWith(content))).rejects.toMatchObject({ code: 'data' })
})

test('a password file is read at each login, and what was in it stands while there is nothing', () => {
  const files = new PasswordFiles()
  const file = fileWith('first\n')
  expect(files.read(file)).toBe('first')
  writeFileSync(file, 'second')
  expect(files.read(file)).toBe('second')
  writeFileSync(file, '')
  expect(files.read(file)).toBe('second')
  rmSync(file)
  expect(files.read(file)).toBe('second')
})

test('a password file that is not there the first time is an error', () => {
  const file = join(directory, 'nowhere')
  expect(() => new PasswordFiles().read(file)).toThrow(`The file ${file} cannot be read (no such file).`)
})
