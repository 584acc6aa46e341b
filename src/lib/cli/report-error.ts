import { toSources } from '#lib/cli/process/source-map.ts'
import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { EviError, UnwritableOutput } from '#lib/errors.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleJson } from '#lib/text/escape-controls.ts'

/** How an error leaves evi: one place for text, JSON and the removal of secrets. */
export interface ErrorReport {
  readonly exit: number
  /** For stderr, or for stdout with `--json`; ends with a newline. */
  readonly text: string
}

/** Turns any error into text and an exit code, with `--json` into a document (docs/exit-codes.md); never a stack trace. */
export function reportError(
  error: unknown,
  options: { json: boolean; command?: string | undefined; style?: () => Style },
): ErrorReport {
  const known = toEviError(error, options.command)
  const message = maskPasswords(tidy(known.message))
  const { hint } = known
  if (options.json) {
    const document = { error: { code: known.code, exit: known.exit, message, hint: hint ?? null } }
    return { exit: known.exit, text: `${visibleJson(JSON.stringify(document))}\n` }
  }
  const remedy = hint ? `${visibleBlock(hint, '  ')}\n` : ''
  const sentence = `evi: ${visibleBlock(message)}`
  return { exit: known.exit, text: `${options.style?.().bad(sentence) ?? sentence}\n${remedy}` }
}

/** Where an error happened, for EVI_DEBUG; what it says may hold a password, and is reported without. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return `${typeof error}\n`
  const frames = error.stack?.split('\n').filter((line) => /^ {4}at /.test(line)) ?? []
  return `${visibleBlock([error.name, ...toSources(frames)].join('\n'))}\n`
}

/** Whether the error is written as a document; argv itself is searched, as a parse error leaves no flags behind. */
export function isDocument(error: unknown, argv: readonly string[]): boolean {
  if (error instanceof UnwritableOutput) return false
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}

function toEviError(error: unknown, command: string | undefined): EviError {
  if (error instanceof EviError) return error
  const message = error instanceof Error ? error.message : String(error)
  if (isParseError(error)) return new EviError('usage', message, { hint: helpHint(command), cause: error })
  // A prompt that was left by Ctrl-C.
  if (error instanceof Error && error.name === 'ExitPromptError')
    return new EviError('interrupted', 'Interrupted.')
  return new EviError('internal', `Something in evi itself went wrong: ${message.split('\n', 1)[0]}`, {
    hint: 'This is a bug. Run it again with EVI_DEBUG=1 to see where it happened, and report it.',
    cause: error,
  })
}

/** oclif marks what its parser and its command look-up refuse. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && ('parse' in error || 'oclif' in error)
}

/** oclif wraps and decorates what its parser refuses; what is left is the sentence. */
function tidy(message: string): string {
  const sentence = message
    .replace(/^Parsing --\S+ \n\t|^The following errors? occurred:\s+/, '')
    .replace(/\nNote: --[\s\S]*|\nSee more help with --help$/, '')
    // oclif prints the value too, which may be a password.
    .replaceAll(
      /^( *--[\w-]+)(?:=.*)? cannot also be provided when using (--[\w-]+)$/gm,
      '$1 cannot be used with $2.',
    )
    .replaceAll(
      /^( *)All of the following must be provided when using (--[\w-]+): (--.+)$/gm,
      '$1$2 needs $3.',
    )
    .replace(/^Missing \d+ required args?:\n([\s\S]*)/, missingArguments)
    .trimEnd()
  return /[.:^]"?$/.test(sentence) ? sentence : `${sentence}.`
}

/** @param list a line for each argument, its name first, with further ones set in */
function missingArguments(_sentence: string, list: string): string {
  const names = [...list.matchAll(/^\S+/gm)].map(([name]) => name)
  return names.length === 1 ? `The ${names[0]} is missing.` : `Arguments are missing: ${names.join(', ')}.`
}

function helpHint(command: string | undefined): string {
  return `See: evi ${command ? `${command.replaceAll(':', ' ')} ` : ''}--help`
}
