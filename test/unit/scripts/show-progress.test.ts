import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const script = `${root}scripts/show-progress.sh`
const run = (command: string) =>
  spawnSync('sh', ['-euc', `. "$0"\nshow_progress 'Making it: a second' ${command}\necho next`, script], {
    encoding: 'utf8',
  })

test('a command that succeeds is announced, with its time afterwards, and says nothing itself', () => {
  const { status, stdout, stderr } = run(`sh -c 'echo out; echo err >&2'`)
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'next\n' })
  expect(stderr).toMatch(/^Making it: a second …\n {2}done after \d+ s\n$/)
})

test('a command that fails shows what it said, and its exit code is kept', () => {
  const { status, stdout, stderr } = run(`sh -c 'echo out; echo err >&2; exit 7'`)
  expect({ status, stdout }).toEqual({ status: 7, stdout: '' })
  expect(stderr).toBe('Making it: a second …\nout\nerr\n')
})

test('on a terminal the seconds are counted', () => {
  const line = `. ${script}; show_progress 'Making it: some seconds' sleep 2.5`
  const { stdout } = spawnSync('script', ['-qfec', `sh -euc "${line}"`, '/dev/null'], { encoding: 'utf8' })
  // A busy machine may skip some.
  expect(stdout).toMatch(/some seconds …\r\n(?:\r {2}\d+ s)+\r\S*\[K {2}done after \d+ s/)
})

// One of them installs RabbitMQ, so only how they find each other is run.
const users = globSync('scripts/**/*.sh', { cwd: root }).filter((path) =>
  /^\. .*show-progress/m.test(readShell(path)),
)

test.each(users)('%s finds it from wherever it is called', (path) => {
  const finds = readShell(path)
    .match(/^(?:cd|\.) .*/gm)
    ?.join('\n')
  const { status, stderr } = spawnSync('sh', ['-euc', `${finds}\ntest -f package.json`, `${root}${path}`], {
    cwd: '/',
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

function readShell(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8')
}
