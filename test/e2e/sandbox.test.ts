import { expect, test } from 'vitest'
import { runSandbox } from '../helpers/run-sandbox.ts'

test('a command finds the socket in its environment and gives the exit code', async () => {
  await using sandbox = runSandbox('--', 'sh', '-c', 'echo "$EVI_SANDBOX_SOCKET"; exit 7')
  expect(await sandbox.ended).toBe(7)
  expect(sandbox.stdout).toMatch(/^rabbitmq:guest:guest@127\.0\.0\.1:\d+\/evi\n$/)
  expect(sandbox.stderr).toMatch(/^Starting RabbitMQ …\nRabbitMQ [\d.]+ is up after [\d.]+ s\.\n$/)
  await sandbox.leavesNothing()
})

test('a command that a signal ended gives 128 and its number', async () => {
  await using sandbox = runSandbox('--', 'sh', '-c', 'kill -TERM $$')
  expect(await sandbox.ended).toBe(143)
})

test('a command that does not exist is a usage error, and the broker goes', async () => {
  await using sandbox = runSandbox('--', './no-such-command')
  expect(await sandbox.ended).toBe(64)
  expect(sandbox.stderr).toContain('evi: There is no command "./no-such-command".')
  await sandbox.leavesNothing()
})

test('SIGTERM reaches the command, whose exit code counts', async () => {
  await using sandbox = runSandbox(
    '--',
    'sh',
    '-c',
    'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done',
  )
  await sandbox.prints('ready')
  sandbox.kill('SIGTERM')
  expect(await sandbox.ended).toBe(9)
  await sandbox.leavesNothing()
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends it and leaves nothing behind',
  async (signal) => {
    await using sandbox = runSandbox()
    await sandbox.prints('/evi\n')
    sandbox.kill(signal)
    expect(await sandbox.ended).toBe(0)
    await sandbox.leavesNothing()
  },
)

test('an interruption while RabbitMQ starts leaves nothing behind', async () => {
  await using sandbox = runSandbox()
  await sandbox.says('Starting')
  sandbox.kill('SIGINT')
  expect(await sandbox.ended).toBe(130)
  await sandbox.leavesNothing()
})

test('even a killed evi leaves nothing behind', async () => {
  await using sandbox = runSandbox()
  await sandbox.prints('/evi\n')
  sandbox.kill('SIGKILL')
  await sandbox.leavesNothing()
})

test('--json prints one document, and --management serves HTTP', async () => {
  await using sandbox = runSandbox('--json', '--management')
  await sandbox.prints('}\n')
  const { socket, port, managementUrl } = JSON.parse(sandbox.stdout)
  expect(socket).toBe(`rabbitmq:guest:guest@127.0.0.1:${port}/evi`)
  const response = await fetch(`${managementUrl}/api/overview`, {
    headers: { authorization: `Basic ${btoa('guest:guest')}` },
  })
  expect(await response.json()).toMatchObject({ product_name: 'RabbitMQ' })
})

test('words without -- are refused before anything starts', async () => {
  await using sandbox = runSandbox('true')
  expect(await sandbox.ended).toBe(64)
  expect(sandbox.stderr).toContain('evi sandbox -- true')
})
