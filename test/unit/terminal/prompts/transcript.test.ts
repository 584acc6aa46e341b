import { expect, test } from 'vitest'
import { Transcript } from '#lib/terminal/prompts/transcript.ts'

/** What a terminal of ten columns gets. */
function record() {
  const written: string[] = []
  return { written, screen: { columns: 10, write: (text: string) => written.push(text) } }
}

test('going on to the next step removes nothing', () => {
  const { written, screen } = record()
  const transcript = new Transcript(screen)
  for (const step of [1, 2, 3]) {
    transcript.begin(step)
    transcript.write(`${step}\n`)
  }
  expect(written).toEqual(['1\n', '2\n', '3\n'])
})

test('going back removes all rows of the step and of those behind it, those of a line that is broken, too', () => {
  const { written, screen } = record()
  const transcript = new Transcript(screen)
  transcript.begin(1)
  transcript.write('first\n')
  transcript.begin(2)
  transcript.write('eleven char\n\x1b[32mgreen\x1b[39m\n\n')
  transcript.begin(3)
  transcript.begin(2)
  expect(written.at(-1)).toBe('\x1b[4A\x1b[J')
  transcript.write('again\n')
  transcript.begin(1)
  expect(written.at(-1)).toBe('\x1b[2A\x1b[J')
})
