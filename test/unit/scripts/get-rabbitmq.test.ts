import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../../../scripts/rabbitmq/get-rabbitmq.sh', import.meta.url))

test('a clone below a name with a blank is refused before anything is fetched', () => {
  const directory = mkdtempSync(join(tmpdir(), 'a clone '))
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  // Without apt-get, nothing is fetched where it is not refused.
  for (const program of ['basename', 'dirname', 'mkdir'])
    symlinkSync(`/usr/bin/${program}`, join(bin, program))
  const { status, stderr } = spawnSync('/bin/sh', [script, '4.3', 'build/4.3'], {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: bin },
  })
  rmSync(directory, { recursive: true })
  expect({ status, stderr }).toEqual({
    status: 64,
    stderr: `get-rabbitmq: The path ${directory}/build/4.3 has characters that Erlang's scripts cannot take: name another DIR, or move the clone.\n`,
  })
})
