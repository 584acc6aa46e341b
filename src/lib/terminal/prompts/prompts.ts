import type { Key } from 'node:readline'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { Target } from '#lib/services/subscriptions/unsubscribe.ts'
import { canAsk } from '#lib/terminal/can-ask.ts'
import { isPlain } from '#lib/terminal/marks.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { promptTheme } from './prompt-theme.ts'
import { resumeAfterStop } from './resume-after-stop.ts'

/** A password, typed unseen. @throws EviError `usage` where no terminal can answer */
export async function askForPassword(): Promise<string> {
  if (!canAsk()) {
    throw new EviError('usage', 'There is no terminal to ask for the password on.', {
      hint: 'Give it by --password-file FILE or --password-env VARIABLE.',
    })
  }
  if (isPlain(process.env)) {
    const { readSecret } = await import('./plain-prompts.ts')
    return await readSecret(terminal(), 'Password')
  }
  const { password } = await import('./inquirer.ts')
  return await ask((context) => password({ message: 'Password', mask: true, theme: theme() }, context))
}

/** Whether to go on, Enter being yes; where `canAsk`. */
export async function confirm(message: string): Promise<boolean> {
  if (isPlain(process.env)) {
    const { readLine } = await import('./plain-prompts.ts')
    return /^y/i.test(await readLine(terminal(), `${message} (yes or no)`, 'yes'))
  }
  const { confirm } = await import('./inquirer.ts')
  return await ask((context) => confirm({ message, default: true, theme: theme() }, context))
}

/** Which of several subscribers to remove. */
export async function askForSubscriber(event: string, sockets: readonly Socket[]): Promise<Target> {
  const choices = sockets.map((socket) => ({ name: printSocket(socket), value: { socket } as Target }))
  const message = `Which subscriber of ${visibleLine(event)} do you want to remove?`
  const all = { name: `All ${sockets.length} of them`, value: 'all' as Target }
  if (isPlain(process.env)) {
    const { readChoice } = await import('./plain-prompts.ts')
    const named = [...choices, all]
    const names = named.map(({ name }) => name)
    const index = await readChoice(terminal(), { question: message, names, standard: 0 })
    return (named[index] ?? all).value
  }
  const { select } = await import('./inquirer.ts')
  return await ask((context) => select({ message, choices: [...choices, all], theme: theme() }, context))
}

/** Made when it is asked on: Node takes two milliseconds to open standard input. */
const terminal = () => ({ input: process.stdin, output: process.stderr })

const theme = () => promptTheme(styleFor(process.stderr, process.env))

interface PromptContext {
  readonly output: NodeJS.WritableStream
  readonly signal: AbortSignal
}

/**
 * Shows a prompt until it is answered.
 *
 * @throws EviError `interrupted` at Ctrl-C and Ctrl-D, and when the terminal is gone
 */
async function ask<A>(show: (context: PromptContext) => Promise<A>): Promise<A> {
  const left = new AbortController()
  const leave = () => left.abort()
  const onKey = (_text: string | undefined, { ctrl, name }: Key) => {
    if (ctrl && name === 'd') leave()
  }
  process.stdin.on('keypress', onKey).once('end', leave)
  const endResuming = resumeAfterStop(process.stdin)
  try {
    return await show({ output: process.stderr, signal: left.signal })
  } catch (error) {
    const isLeft = left.signal.aborted || (error instanceof Error && error.name === 'ExitPromptError')
    throw isLeft ? new EviError('interrupted', 'Interrupted: the question was not answered.') : error
  } finally {
    process.stdin.off('keypress', onKey).off('end', leave)
    endResuming()
  }
}
