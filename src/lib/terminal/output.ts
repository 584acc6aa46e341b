import { once } from 'node:events'
import { type EviError, systemCode, unwritable } from '#lib/errors.ts'
import { visibleJson } from '#lib/text/escape-controls.ts'
import { layOut } from './lay-out.ts'
import { type Style, styleFor } from './style.ts'

/** Stdout or stderr, with the style that it takes. */
export interface Output {
  /** Writes text for people, laid out for the terminal where it is one. */
  readonly write: (text: string) => void
  /** Writes what a program reads, and what stays as it is on a terminal, too. */
  readonly writeRaw: (text: string) => void
  /** Writes a JSON document as a line. */
  readonly writeJson: (document: unknown) => void
  readonly style: () => Style
}

/** A stream with the style that the terminal and the environment ask for. */
export function outputOf(
  stream: NodeJS.WriteStream,
  environment: Readonly<Record<string, string | undefined>>,
): Output {
  const style = () => styleFor(stream, environment)
  const writeRaw = (text: string) => {
    stream.write(text)
  }
  const write = (text: string) => {
    const { isTTY, columns } = stream
    writeRaw(isTTY && columns > 0 ? layOut(text, { columns, strong: style().strong }) : text)
  }
  const writeJson = (document: unknown) => writeRaw(`${visibleJson(JSON.stringify(document))}\n`)
  return { write, writeRaw, writeJson, style }
}

/** Writes to stderr what is said beside results. */
export function say(text: string): void {
  outputOf(process.stderr, process.env).write(text)
}

/** Resolves when stdout has room again; one listener for all that wait, however many they are. */
let room: Promise<unknown> | undefined

/** Writes data to stdout; resolves when there is room for more. */
export async function writeOut(data: string | Buffer): Promise<void> {
  if (process.stdout.write(data)) return
  room ??= once(process.stdout, 'drain').finally(() => {
    room = undefined
  })
  await room
}

/**
 * For work that matters more than what is said about it: when the reader of stdout or stderr is gone, it goes on.
 *
 * @param onFailure called when they cannot be written for another reason, such as a full disk
 */
export function outliveReaders(onFailure: (error: EviError) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error').on('error', (error) => {
      if (systemCode(error) !== 'EPIPE') onFailure(unwritable(error))
    })
  }
}

/** Resolves when it is known of all that was written so far whether it could be; what listens for errors has heard. */
export async function outputSettled(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write('', () => setImmediate(resolve)))
}
