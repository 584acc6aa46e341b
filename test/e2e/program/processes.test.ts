import { describe, expect, test } from 'vitest'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

useEvi()

describe('closed pipes and signals', () => {
  test('evi list | head -0 is no error', async () => {
    for (let number = 0; number < 3; number++) await evi.run(['subscribe', 'E_X', `rabbitmq:h/q${number}`])
    const { stdout, stderr } = await evi.shell(
      `evi list | head -1; echo "\${PIPESTATUS[*]}"; evi list | head -0; echo "\${PIPESTATUS[*]}"`,
    )
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringMatching(/^EVENT .*\n0 0\n0 0\n$/),
      stderr: '',
    })
  })

  test('several may write to one output, one after the other', async () => {
    const { stdout } = await evi.shell('evi list --json; evi list --json')
    expect(stdout).toBe('{"subscriptions":[]}\n'.repeat(2))
  })

  test('a reader gets all, however much that is', async () => {
    const input = JSON.stringify({ a: 'x'.repeat(5_000_000) })
    const words = ['raise', 'E_X', '--params', '-', '--dry-run', '--json', '--socket', 'rabbitmq:h/q']
    const { code, stdout } = await evi.run(words, { input, environment: { EVI_MAX_MESSAGE: '0' } })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).payload).toHaveLength(
      '{"jsonrpc":"2.0","method":"E_X","params":}'.length + input.length,
    )
  })

  test.each(['--help', '--version'])(
    'a full disk under the output of evi %s is exit code 74',
    async (words) => {
      const { code, stderr } = await evi.shell(`evi ${words} >/dev/full`)
      expect({ code, stderr }).toEqual({
        code: 74,
        stderr: expect.stringContaining('evi: The output cannot be written: ENOSPC.\n'),
      })
    },
  )

  test("a developer's NODE_ENV changes nothing", async () => {
    const { code, stdout } = await evi.run(['list', '--json'], { environment: { NODE_ENV: 'development' } })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"subscriptions":[]}\n' })
  })
})

describe('words', () => {
  test.each([
    [0, ['--help'], /EXAMPLES/],
    [0, ['help', 'raise'], /raise EVENT/],
    [0, ['raise', '--help'], /EXAMPLES/],
    [0, ['--version'], /^evi\/\d/],
    [64, ['nonsense'], /^evi: There is no command "nonsense"\./],
    [64, ['list', '--nonsense'], /^evi: Nonexistent flag: --nonsense\./],
  ])('exit code %i for %j', async (exit, words, sentence) => {
    const { code, stdout, stderr } = await evi.run(words)
    expect({ code, said: stdout + stderr }).toEqual({ code: exit, said: expect.stringMatching(sentence) })
  })
})
