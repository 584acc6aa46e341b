import { expect, test, vi } from 'vitest'
import { runSandbox } from '../helpers/run-sandbox.ts'

test('a command finds the socket in its environment and gives the exit code', async () => {
  await using sandbox = runSandbox('--', 'sh', '-c', 'echo "$EVI_SANDBOX_SOCKET"; exit 7')
  expect(await sandbox.ended).toBe(7)
  expect(sandbox.stdout).toMatch(/^rabbitmq:guest:guest@127\.0\.0\.1:\d+\/evi\n$/)
  expect(sandbox.stderr).toMatch(/^Starting RabbitMQ …\nRabbitMQ [\d.]+ is up after [\d.]+ s\.\n$/)
  await sandbox.leavesNothing()
})

test('SIGINT ends it and leaves nothing behind', async () => {
  await using sandbox = runSandbox()
  await sandbox.prints('/evi\n')
  sandbox.kill('SIGINT')
  expect(await sandbox.ended).toBe(0)
  await sandbox.leavesNothing()
})

test('an interruption while RabbitMQ starts leaves nothing behind', async () => {
  await using sandbox = runSandbox()
  await sandbox.says('Starting')
  sandbox.kill('SIGTERM')
  expect(await sandbox.ended).toBe(130)
  await sandbox.leavesNothing()
})

test('even a killed evi leaves nothing behind', async () => {
  await using sandbox = runSandbox()
  await sandbox.prints('/evi\n')
  sandbox.kill('SIGKILL')
  await sandbox.leavesNothing()
})

test('--json prints one document, and --management serves HTTP, until the terminal hangs up', async () => {
  await using sandbox = runSandbox('--json', '--management')
  await sandbox.prints('}\n')
  const { socket, host, port, managementUrl } = JSON.parse(sandbox.stdout)
  expect(host).toBe('127.0.0.1')
  expect(socket).toBe(`rabbitmq:guest:guest@${host}:${port}/evi`)
  const authorization = `Basic ${btoa('guest:guest')}`
  const response = await fetch(`${managementUrl}/api/overview`, { headers: { authorization } })
  expect(await response.json()).toMatchObject({ product_name: 'RabbitMQ' })
  sandbox.kill('SIGHUP')
  expect(await sandbox.ended).toBe(0)
  await sandbox.leavesNothing()
})

test('a RabbitMQ that ends by itself is an error', async () => {
  await using sandbox = runSandbox('--json')
  await sandbox.prints('}\n')
  sandbox.killBroker()
  expect(await sandbox.ended).toBe(69)
  expect(JSON.parse(sandbox.stdout.split('\n')[1] ?? '').error.message).toMatch(/^RabbitMQ ended by itself\./)
  await sandbox.leavesNothing()
})

test('without RabbitMQ the ways to get one are told', async () => {
  vi.stubEnv('EVI_RABBITMQ_HOME', import.meta.dirname)
  await using sandbox = runSandbox()
  vi.unstubAllEnvs()
  expect(await sandbox.ended).toBe(69)
  expect(sandbox.stderr).toMatch(/apt-get install rabbitmq-server.*brew install rabbitmq.*docker run/s)
  await sandbox.leavesNothing()
})

test('words without -- are refused before anything starts', async () => {
  await using sandbox = runSandbox('true')
  expect(await sandbox.ended).toBe(64)
  expect(sandbox.stderr).toContain('evi sandbox -- COMMAND')
})
