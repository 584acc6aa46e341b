import { EviError } from '#lib/errors.ts'

export interface PlainTerminal {
  readonly input: NodeJS.ReadableStream & { setRawMode?(on: boolean): unknown }
  readonly output: NodeJS.WritableStream
}

/** The last lines of a terminal that were typed before they were asked for. */
let pending = ''

/**
 * A line that is typed; the default where it is empty. The terminal itself echoes it and lets it be corrected.
 *
 * @throws EviError `interrupted` when the terminal is gone, as at Ctrl-D
 */
export async function readLine(
  { input, output }: PlainTerminal,
  question: string,
  standard = '',
): Promise<string> {
  output.write(standard === '' ? `${question}: ` : `${question} [${standard}]: `)
  try {
    while (!/[\r\n]/.test(pending)) pending += await nextPiece(input)
  } catch (error) {
    output.write('\n')
    throw error
  }
  const [line = '', ...rest] = pending.split(/\r?\n|\r/)
  pending = rest.join('\n')
  return line.trim() || standard
}

/** A text that is typed unseen. @throws EviError `interrupted` at Ctrl-C and Ctrl-D */
export async function readSecret({ input, output }: PlainTerminal, question: string): Promise<string> {
  // Before the question, or the terminal echoes what is typed at once.
  input.setRawMode?.(true)
  output.write(`${question}: `)
  try {
    let typed = ''
    while (true) {
      for (const key of await nextPiece(input)) {
        if (key === '\r' || key === '\n') return typed
        if (key === '\x03' || key === '\x04') throw unanswered()
        if (key === '\x7f' || key === '\b') typed = [...typed].slice(0, -1).join('')
        else if (key === '\x15') typed = ''
        else if (key >= ' ') typed += key
      }
    }
  } finally {
    input.setRawMode?.(false)
    output.write('\n')
  }
}

/** Asks for one of the choices, by its number or its whole name, until it is one. @param standard index of the default */
export async function readChoice(
  terminal: PlainTerminal,
  { question, names, standard }: { question: string; names: readonly string[]; standard: number },
): Promise<number> {
  terminal.output.write(`${question}\n${numbered(names)}`)
  while (true) {
    const index = choiceOf(await readLine(terminal, 'Number', String(standard + 1)), names)
    if (index >= 0) return index
    terminal.output.write(`Type a number from 1 to ${names.length}.\n`)
  }
}

/** The choices with their numbers, a line each. */
export function numbered(names: readonly string[]): string {
  const width = String(names.length).length
  return names.map((name, index) => `  ${String(index + 1).padStart(width)}) ${name}\n`).join('')
}

/** The index of a choice, by its number or its whole name; -1 where it is none of them. */
export function choiceOf(answer: string, names: readonly string[]): number {
  const index = /^\d+$/.test(answer) ? Number(answer) - 1 : names.indexOf(answer)
  return index < names.length ? index : -1
}

async function nextPiece(input: PlainTerminal['input']): Promise<string> {
  if (!input.readable) throw unanswered()
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const onData = (chunk: Buffer | string) => {
    // At once: what is typed next belongs to the next question, and must not keep evi alive.
    input.pause()
    resolve(chunk.toString())
  }
  const onEnd = () => reject(unanswered())
  input.once('data', onData).once('end', onEnd).resume()
  try {
    return await promise
  } finally {
    input.off('data', onData).off('end', onEnd)
  }
}

function unanswered(): EviError {
  return new EviError('interrupted', 'Interrupted: the question was not answered.')
}
