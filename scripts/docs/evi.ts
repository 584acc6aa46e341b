// evi as the demo shows it: the command, then what it really prints.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { shellWord } from '#lib/text/shell-word.ts'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** Shows a command as a person would type it. */
export function show(...words: string[]): void {
  process.stdout.write(
    `\n${styleText('dim', '$')} ${styleText('bold', ['evi', ...words.map(typed)].join(' '))}\n`,
  )
}

function typed(word: string): string {
  return word === '&' ? word : shellWord(word)
}

/** Starts evi. `ended` resolves with its exit code. */
export function start(
  words: readonly string[],
  options: SpawnOptions = {},
): { child: ChildProcess; ended: Promise<number> } {
  const child = spawn(process.execPath, [program, ...words], { stdio: 'inherit', ...options })
  return { child, ended: once(child, 'exit').then(([code]) => code ?? 1) }
}
