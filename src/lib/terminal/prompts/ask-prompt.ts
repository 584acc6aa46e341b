import type { Key } from 'node:readline'
import { EviError } from '#lib/errors.ts'
import { type Back, back } from '#lib/services/setup/ports.ts'
import { resumeAfterStop } from './resume-after-stop.ts'

export interface Terminal {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream & { readonly columns?: number }
}

/** What a prompt of @inquirer/prompts takes beside its question. */
interface PromptContext extends Terminal {
  readonly signal: AbortSignal
  clearPromptOnDone: boolean
}

/**
 * Shows a prompt until it is answered or left.
 *
 * @returns `back` after Esc
 * @throws EviError `interrupted` at Ctrl-C and Ctrl-D, and when the terminal is gone
 */
export async function askPrompt<A>(
  terminal: Terminal,
  show: (context: PromptContext) => Promise<A>,
): Promise<A | Back> {
  const { input } = terminal
  const ending = new AbortController()
  // In its place comes what was answered; a prompt that is left stays.
  const context = { ...terminal, signal: ending.signal, clearPromptOnDone: true }
  const leave = () => {
    context.clearPromptOnDone = false
    ending.abort(left())
  }
  const onKey = (_text: string | undefined, key: Key) => {
    if (key.ctrl && (key.name === 'c' || key.name === 'd')) leave()
    if (key.name === 'escape') ending.abort(back)
  }
  const onEnd = leave
  input.on('keypress', onKey).once('end', onEnd)
  const endResuming = resumeAfterStop(input)
  try {
    return await show(context)
  } catch (error) {
    if (ending.signal.reason === back) return back
    if (ending.signal.aborted) throw ending.signal.reason
    throw error instanceof Error && error.name === 'ExitPromptError' ? left() : error
  } finally {
    input.off('keypress', onKey).off('end', onEnd)
    endResuming()
  }
}

function left(): EviError {
  return new EviError('interrupted', 'Interrupted: nothing was stored.')
}
