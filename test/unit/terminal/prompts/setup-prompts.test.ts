import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { render } from '@inquirer/testing'
import { describe, expect, test, vi } from 'vitest'
import { EviError } from '#lib/errors.ts'
import { back, type Questions } from '#lib/services/setup/ports.ts'
import type { Terminal } from '#lib/terminal/prompts/ask-prompt.ts'
import { TerminalQuestions } from '#lib/terminal/prompts/setup-prompts.ts'
import { styleFor } from '#lib/terminal/style.ts'

const style = styleFor({ isTTY: false }, {})

/** Asks on a terminal that the test types on. */
async function ask<T>(question: (questions: Questions) => Promise<T>) {
  const prompt = (_config: object, context: object = {}) => {
    const terminal = context as Terminal
    // As a terminal's, it outlives the prompt.
    Object.assign(terminal.output, { end: () => terminal.output })
    return question(new TerminalQuestions(terminal, style))
  }
  const rendered = await render(prompt as Parameters<typeof render>[0], {})
  rendered.answer.catch(() => {})
  const shows = (text: string) => vi.waitFor(() => expect(rendered.getScreen()).toContain(text))
  return { ...rendered, shows }
}

/** Takes even numbers only. */
async function even(text: string): Promise<number> {
  const number = Number(text)
  if (number % 2 === 0) return number
  throw new EviError('usage', `${text} is odd.`, { hint: 'Try the next one.' })
}

const number = (questions: Questions) => questions.enter({ message: 'Number', default: '8', accept: even })
const choices = [
  { name: 'one', answer: '1', about: 'odd' },
  { name: 'two', answer: '2', about: 'even' },
]
const one = (questions: Questions) =>
  questions.choose({ message: 'Which', choices, default: '2', accept: even })
const found = (questions: Questions) =>
  questions.search({
    message: 'Find',
    find: (words) => choices.filter(({ name }) => name.includes(words)),
    accept: even,
  })

describe('on a terminal of 40 columns', () => {
  test('what the wizard says is broken between words, with a command on a line of its own', async () => {
    const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 40 })
    const questions = new TerminalQuestions({ input: new PassThrough(), output }, style)
    output.read()
    questions.say('note', 'There is no queue "evi" yet; evi stands in for it. Declare it: evi declare SOCKET')
    expect(output.read()).toBe(
      '· There is no queue "evi" yet; evi\n  stands in for it. Declare it:\n  evi declare SOCKET\n',
    )
  })
})

test('a choice and what is said about it are broken between words on a narrow terminal', async () => {
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 40 })
  Object.assign(output, { end: () => output })
  const input = new PassThrough()
  const questions = new TerminalQuestions({ input, output }, style)
  const name = 'a sandbox: a private RabbitMQ, thrown away at the end'
  const about = 'Every queue that is bound to the exchange with this key gets it, too.'
  const choices = [{ name, answer: 'yes', about }]
  const accept = async (text: string) => text
  const answer = questions.choose({ message: 'Which?', choices, default: 'yes', accept })
  let shown = ''
  await vi.waitFor(() => {
    shown += stripVTControlCharacters(output.read() ?? '')
    expect(shown).toContain('gets it')
  })
  expect(shown).toContain('a sandbox: a private RabbitMQ, thrown\n    away at the end\n')
  expect(shown).toContain('Every queue that is bound to the\n  exchange with this key gets it, too.')
  input.write('\r')
  expect(await answer).toBe('yes')
})

test('a question is broken between words on a narrow terminal, with room for what it offers', async () => {
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 40 })
  // As a terminal's, it outlives the prompt.
  Object.assign(output, { end: () => output })
  const input = new PassThrough()
  const questions = new TerminalQuestions({ input, output }, style)
  questions.step(8, 10)
  const message = 'Time until it expires, such as 1h or so'
  const answer = questions.enter({ message, default: 'never', accept: async (text: string) => text })
  let shown = ''
  await vi.waitFor(() => {
    shown += output.read() ?? ''
    expect(shown).toContain('(never)')
  })
  expect(stripVTControlCharacters(shown)).toContain(
    '? 8/10 Time until it expires,\n  such as 1h or so (never)',
  )
  input.write('\r')
  expect(await answer).toBe('never')
})

describe('a text', () => {
  test('is what Enter alone takes, unless something is typed', async () => {
    const untouched = await ask(number)
    expect(untouched.getScreen()).toBe('? Number (8)')
    untouched.events.keypress('enter')
    expect(await untouched.answer).toBe(8)
    const typed = await ask(number)
    typed.events.type('12')
    typed.events.keypress('enter')
    expect(await typed.answer).toBe(12)
  })

  test('that is refused stays, with the reason and the remedy, and can be mended', async () => {
    const { events, getScreen, shows, answer } = await ask(number)
    events.type('13')
    events.keypress('enter')
    await shows('✖')
    expect(getScreen()).toBe('? Number 13\n✖ 13 is odd.\n  Try the next one.')
    events.keypress('backspace')
    events.type('4')
    events.keypress('enter')
    expect(await answer).toBe(14)
  })

  test('that is empty is what its hint stands for', async () => {
    const { events, getScreen, answer } = await ask((questions) =>
      questions.enter({
        message: 'Exchange',
        default: '',
        hint: 'the usual',
        accept: async (text) => ({ text }),
      }),
    )
    expect(getScreen()).toBe('? Exchange (the usual)')
    events.keypress('enter')
    expect(await answer).toEqual({ text: '' })
  })

  test('that is secret is never shown', async () => {
    const { events, getFullOutput, answer } = await ask((questions) =>
      questions.enter({ message: 'Password', default: '', secret: true, accept: async (text) => text }),
    )
    events.type('hunter2')
    events.keypress('enter')
    expect(await answer).toBe('hunter2')
    expect(await getFullOutput({ raw: true })).not.toContain('hunter2')
  })
})

test('a secret that is refused is typed anew in an empty field', async () => {
  const accept = async (text: string) => {
    if (text === 'right') return text
    throw new EviError('refused', 'That is wrong.')
  }
  const { events, getScreen, getFullOutput, shows, answer } = await ask((questions) =>
    questions.enter({ message: 'Password', default: '', secret: true, accept }),
  )
  events.type('hunter2')
  expect(getScreen()).toBe('? Password *******')
  events.keypress('enter')
  await shows('✖')
  expect(getScreen()).toBe('? Password\n✖ That is wrong.')
  events.type('right')
  expect(getScreen()).toBe('? Password *****')
  events.keypress('enter')
  expect(await answer).toBe('right')
  expect(await getFullOutput({ raw: true })).not.toMatch(/hunter2|right/)
})

describe('a choice', () => {
  test('is the default with Enter alone', async () => {
    const { events, getScreen, answer } = await ask(one)
    expect(getScreen()).toContain('❯ two')
    events.keypress('enter')
    expect(await answer).toBe(2)
  })

  test('that is refused is asked for again below the reason', async () => {
    const { events, getScreen, shows, getFullOutput, answer } = await ask(one)
    events.keypress('up')
    expect(getScreen()).toContain('❯ one')
    events.keypress('enter')
    await shows('❯ two')
    expect(await getFullOutput()).toContain('✖ 1 is odd.\n  Try the next one.')
    events.keypress('enter')
    expect(await answer).toBe(2)
  })
})

describe('a search', () => {
  test('narrows the list to what is typed', async () => {
    const { events, getScreen, shows, answer } = await ask(found)
    await shows('one')
    expect(getScreen()).toContain('two')
    events.type('two')
    await vi.waitFor(() => expect(getScreen()).not.toContain('one'))
    events.keypress('enter')
    expect(await answer).toBe(2)
  })

  test('takes words and Enter that come at once', async () => {
    const { events, shows, answer } = await ask(found)
    await shows('one')
    events.type('two')
    events.keypress('enter')
    expect(await answer).toBe(2)
  })
})

const questions = { text: number, choice: one, search: found }

describe.each(Object.entries(questions))('the question for a %s', (_kind, question) => {
  test('is taken back by Esc, and vanishes', async () => {
    const { events, answer, getFullOutput } = await ask(question)
    events.keypress('escape')
    expect(await answer).toBe(back)
    expect((await getFullOutput()).trim()).toBe('')
  })

  test.each(['c', 'd'])('ends the wizard by Ctrl-%s', async (name) => {
    const { events, answer } = await ask(question)
    events.keypress({ name, ctrl: true })
    await expect(answer).rejects.toMatchObject({ code: 'interrupted' })
  })

  test('ends the wizard when the terminal is gone', async () => {
    const { input, answer } = await ask(question)
    input.emit('end')
    await expect(answer).rejects.toMatchObject({ code: 'interrupted' })
  })
})

test("a fault that is not the answerer's is no reason to ask again", async () => {
  const fault = new TypeError('oops')
  const { events, answer } = await ask((questions) =>
    questions.enter({ message: 'Number', default: '8', accept: () => Promise.reject(fault) }),
  )
  events.keypress('enter')
  await expect(answer).rejects.toBe(fault)
})

test('what a broker names cannot act on the terminal', async () => {
  const { getFullOutput, events, shows } = await ask((questions) => {
    questions.say('note', 'no\x1b[2Jte')
    const hostile = [{ name: 'ex\x1b[2Jchange', answer: '0', about: 'ty\x9bpe' }]
    return questions.choose({ message: 'mess\x1b[2Jage', choices: hostile, default: '0', accept: even })
  })
  await shows('change')
  const raw = await getFullOutput({ raw: true })
  for (const shown of ['no\\x1b[2Jte', 'ex\\x1b[2Jchange', 'ty\\x9bpe', 'mess\\x1b[2Jage'])
    expect(raw).toContain(shown)
  events.keypress('escape')
})
