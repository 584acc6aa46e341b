import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { EviError } from '#lib/errors.ts'
import { back, type Questions } from '#lib/services/setup/ports.ts'
import { PlainQuestions } from '#lib/terminal/prompts/plain-questions.ts'
import { styleFor } from '#lib/terminal/style.ts'

/** Asks on a terminal where the lines are typed before they are asked for, as a screen reader's user may. */
async function ask<T>(question: (questions: Questions) => Promise<T>, ...lines: string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const questions = new PlainQuestions({ input, output }, styleFor({}, { TERM: 'dumb' }))
  for (const line of lines) input.write(`${line}\n`)
  const answer = await question(questions)
  output.end()
  // Node 26 reads a chunk at a time.
  return { answer, shown: await text(output) }
}

/** Takes even numbers only. */
async function even(text: string): Promise<number> {
  const number = Number(text)
  if (number % 2 === 0) return number
  throw new EviError('usage', `${text} is odd.`, { hint: 'Try the next one.' })
}

const choices = [
  { name: 'one', answer: '1', about: 'odd' },
  { name: 'two', answer: '2', about: 'even' },
]
const number = (questions: Questions) => questions.enter({ message: 'Number', default: '8', accept: even })
const one = (questions: Questions) =>
  questions.choose({ message: 'Which', choices, default: '2', accept: even })
const found = (questions: Questions) =>
  questions.search({
    message: 'Find',
    find: (words) => choices.filter(({ name }) => name.includes(words)),
    accept: even,
  })

describe('on a terminal that only prints lines, the wizard', () => {
  test('takes the default for an empty line, and says how many questions there are', async () => {
    const { answer, shown } = await ask(async (questions) => {
      questions.step(2, 7)
      return await number(questions)
    }, '')
    expect(answer).toBe(8)
    expect(shown).toBe('2/7 Number [8]: ')
  })

  test('says what is wrong with an answer, and asks again', async () => {
    const { answer, shown } = await ask(number, '13', '14')
    expect(answer).toBe(14)
    expect(shown).toContain('Number [8]: [failed] 13 is odd.\n  Try the next one.\nNumber [8]: ')
  })

  test('goes back by <', async () => {
    expect((await ask(number, '<')).answer).toBe(back)
    expect((await ask(one, '<')).answer).toBe(back)
    expect((await ask(found, '<')).answer).toBe(back)
  })

  test('lists choices by number', async () => {
    const { answer, shown } = await ask(one, '3', '2')
    expect(answer).toBe(2)
    expect(shown).toContain('Which\n  1) one: odd\n  2) two: even\nNumber [2]: ')
    expect(shown).toContain('[failed] Type a number from 1 to 2.\n')
    expect((await ask(one, 'two')).answer).toBe(2)
    expect((await ask(one, '')).answer).toBe(2)
  })

  test('finds a choice by a part of its name, and then by its number', async () => {
    const { answer, shown } = await ask(found, 'o', '2')
    expect(answer).toBe(2)
    expect(shown).toContain('  1) one: odd\n  2) two: even\n')
    expect((await ask(found, 'nothing', 'tw')).answer).toBe(2)
  })

  test('takes a secret that is typed unseen', async () => {
    const { answer, shown } = await ask(
      (questions) =>
        questions.enter({
          message: 'Password',
          default: '',
          secret: true,
          accept: async (text) => ({ text }),
        }),
      'x\u007fsecret',
    )
    expect(answer).toEqual({ text: 'secret' })
    expect(shown).not.toContain('secret')
  })

  test('writes nothing but printable ASCII', async () => {
    const { shown } = await ask(one, '1', '2')
    expect(shown).toMatch(/^[ -~\n]+$/)
  })

  test('is left where the terminal is gone', async () => {
    const input = new PassThrough()
    const questions = new PlainQuestions({ input, output: new PassThrough() }, styleFor({}, {}))
    input.end()
    await expect(number(questions)).rejects.toMatchObject({ code: 'interrupted' })
  })
})
