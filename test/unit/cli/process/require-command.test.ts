import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { requireCommand } from '#lib/cli/process/require-command.ts'

const directory = mkdtempSync(join(tmpdir(), 'evi-test-'))
afterAll(() => rmSync(directory, { recursive: true }))

const path = (name: string) => join(directory, name)

test('a command is found in PATH and by its path', () => {
  requireCommand('sh')
  requireCommand('/bin/sh')
})

test.for(['no-such-command-anywhere', './nowhere', '/bin/sh/nowhere', ''])('%j is missing', (command) => {
  expect(() => requireCommand(command)).toThrow(`There is no command ${JSON.stringify(command)}.`)
})

test('a file without permission to run is named with what gives it, where it was found', () => {
  writeFileSync(path('a script'), '', { mode: 0o644 })
  const hint = `If it is a script: chmod +x '${path('a script')}'`
  expect(() => requireCommand(path('a script'))).toThrow(expect.objectContaining({ code: 'usage', hint }))
  vi.stubEnv('PATH', directory)
  expect(() => requireCommand('a script')).toThrow(expect.objectContaining({ hint }))
  chmodSync(path('a script'), 0o755)
  requireCommand('a script')
  vi.unstubAllEnvs()
})

test('a directory cannot be run', () => {
  mkdirSync(path('inner'))
  expect(() => requireCommand(path('inner'))).toThrow(
    expect.objectContaining({
      message: `The command "${path('inner')}" cannot be run: it is not an executable file.`,
      hint: undefined,
    }),
  )
})
