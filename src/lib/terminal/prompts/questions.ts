import type { Questions } from '#lib/services/setup/ports.ts'
import { isPlain } from '#lib/terminal/marks.ts'
import type { Style } from '#lib/terminal/style.ts'

interface Terminal {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

/** Who asks the wizard's questions: line by line where the terminal only prints lines. */
export async function questionsOn(terminal: Terminal, style: Style): Promise<Questions> {
  if (isPlain(process.env)) {
    const { PlainQuestions } = await import('./plain-questions.ts')
    return new PlainQuestions(terminal, style)
  }
  const { TerminalQuestions } = await import('./setup-prompts.ts')
  return new TerminalQuestions(terminal, style)
}
