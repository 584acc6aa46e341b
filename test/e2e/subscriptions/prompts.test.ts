import { beforeEach, describe, expect, test } from 'vitest'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { keys, Terminal } from '../../helpers/terminal/terminal.ts'

useEvi()
beforeEach(async () => {
  await evi.run(['subscribe', 'E_TWO', 'rabbitmq:h/first'])
  await evi.run(['subscribe', 'E_TWO', 'rabbitmq:h/second'])
})

const prompts = [
  [['subscribe', 'E_X', 'rabbitmq:user@h/q', '--ask-password'], 'Password'],
  [['raise', 'E_X', '--socket', 'rabbitmq:user@h/q', '--ask-password'], 'Password'],
  [['unsubscribe', 'E_TWO'], 'Which subscriber'],
] as const

describe('a prompt that is left without an answer ends evi with 130 and a sentence, and changes nothing', () => {
  describe.each(prompts)('of %j', (words, question) => {
    test.each([
      ['Ctrl-D', keys.endOfFile],
      ['Ctrl-C', keys.interrupt],
    ])('by %s', async (_, key) => {
      const before = await evi.run(['list', '--json'])
      await using terminal = new Terminal(evi, words)
      await terminal.answer(question, key)
      expect(await terminal.ended()).toBe(130)
      expect(terminal.text).toContain('evi: Interrupted')
      expect((await evi.run(['list', '--json'])).stdout).toBe(before.stdout)
    })
  })
})

test('a prompt that is stopped by Ctrl-Z goes on after fg, as often as that happens', async () => {
  await using terminal = new Terminal(evi, ['--norc', '-i'], { HISTFILE: '' }, 'bash')
  terminal.type(`${evi.command} subscribe E_Z rabbitmq:user@h/q --ask-password`, keys.enter)
  await terminal.shows(/Password\b/)
  for (const command of ['fg', 'fg; echo "code=$?"']) {
    terminal.type(keys.stop)
    await terminal.shows(/Stopped[^\n]*\n/)
    terminal.type(command, keys.enter)
    // The shell names what goes on, which then draws its prompt for a key: before, Ctrl-Z would reach the shell.
    await terminal.shows(/subscribe E_Z/)
    terminal.type(keys.toggleVisibility)
    await terminal.shows(/Password\b/)
  }
  terminal.type('s3cret', keys.enter)
  await terminal.shows('code=0')
  terminal.type('exit', keys.enter)
  await terminal.ended()
  expect((await evi.run(['list', 'E_Z'])).stdout).toContain('rabbitmq:user@h:5672/q')
})
