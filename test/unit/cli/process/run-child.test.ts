import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const file = fileURLToPath(new URL('../../../../src/lib/cli/process/run-child.ts', import.meta.url))
// In a process of its own, as it takes that process's signals over.
const program = `
  const { runCommand } = await import(process.argv[1])
  try {
    process.exit(await runCommand(process.argv.slice(2), {
      environment: { GREETING: 'hello' }, onKill: console.log, killRest: () => console.log('rest'),
    }))
  } catch (error) {
    console.log(error.code + ': ' + error.message)
  }`

function run(...words: string[]) {
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  const argv = ['--input-type=module', '-e', program, file, ...words]
  // Without a terminal, whether the tests have one or not.
  const child = spawn(process.execPath, argv, { stdio, detached: true })
  return { child, code: once(child, 'exit').then(([code]) => code as number), output: child.stdout.toArray() }
}

test("a command has evi's own output, its variables, and gives the exit code", async () => {
  const { code, output } = run('sh', '-c', 'echo $GREETING; exit 7')
  expect(await code).toBe(7)
  expect(String(await output)).toBe('hello\n')
})

test('one that a signal ended gives 128 and its number', async () => {
  expect(await run('sh', '-c', 'kill -TERM $$').code).toBe(143)
})

test('one that does not exist or may not be run is a usage error that names it', async () => {
  expect(String(await run('./nowhere').output)).toBe('usage: There is no command "./nowhere".\n')
  expect(String(await run('/').output)).toBe('usage: The command "/" cannot be run: EACCES.\n')
})

test('it gets SIGTERM and SIGHUP, and decides itself how to end', async () => {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    const { child, code } = run(
      'sh',
      '-c',
      'trap "exit 9" TERM HUP; echo ready; for i in $(seq 500); do sleep 0.02; done',
    )
    await once(child.stdout, 'readable')
    child.kill(signal)
    expect(await code).toBe(9)
  }
})

test('without a terminal it gets SIGINT from evi, and a second signal kills it', async () => {
  const { child, code, output } = run('sh', '-c', 'trap "" INT TERM; echo ready; while :; do sleep 0.1; done')
  await once(child.stdout, 'readable')
  child.kill('SIGINT')
  const again = setInterval(() => child.kill('SIGTERM'), 100)
  expect(await code).toBe(137)
  clearInterval(again)
  expect((await output).join('')).toMatch(/^ready\nA second SIGTERM: the command is killed\.\nrest\n$/)
})
