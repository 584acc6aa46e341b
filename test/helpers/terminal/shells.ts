import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Evi } from '../evi/evi.ts'
import { keys, Terminal } from './terminal.ts'

interface ShellSetup {
  /** Without the files of the machine and the user. */
  readonly command: string
  /** Lines that make it complete evi. */
  readonly prepare: readonly string[]
}

/** The shells that evi completes for, each as a user starts it. */
export const shellSetups = {
  bash: { command: 'bash --noprofile --norc -i', prepare: ['eval "$(evi completion bash)"'] },
  zsh: {
    command: 'zsh -f -i',
    prepare: ['bindkey -e; autoload -Uz compinit; compinit -u -D', 'source <(evi completion zsh)'],
  },
  fish: {
    command: 'fish --no-config -i',
    prepare: ['set -g fish_autosuggestion_enabled 0', 'evi completion fish | source'],
  },
} satisfies Readonly<Record<string, ShellSetup>>

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
}

/**
 * A shell on a pseudo-terminal, in the directory of evi's configuration, with evi as a command and its completion.
 *
 * @param size of the terminal, where it matters
 */
export async function startShell(
  name: keyof typeof shellSetups,
  evi: Evi,
  size: { readonly COLUMNS?: string } = {},
): Promise<Terminal> {
  const programs = join(evi.configDirectory, 'programs')
  mkdirSync(programs, { recursive: true })
  writeFileSync(join(programs, 'evi'), `#!/bin/sh\nexec ${evi.command} "$@"\n`, { mode: 0o755 })
  const { command, prepare } = shellSetups[name]
  const environment = { PATH: `${programs}:${process.env.PATH}`, PS1: '$ ', ...size }
  const shell = new Terminal(evi, [], environment, command)
  shell.type(`cd ${evi.configDirectory}\r`, ...prepare.map((line) => `${line}\r`), 'echo rea""dy\r')
  await shell.shows('ready')
  return shell
}

let lines = 0

/**
 * Types a command line and lets the shell say which words it would call: what Tab did is in them, and how it was quoted.
 *
 * @returns each word in brackets
 */
export async function wordsOf(shell: Terminal, typed: string): Promise<string> {
  const line = `${++lines}`
  shell.type(typed, keys.lineStart, `printf '[%s]' ${line} `, keys.lineEnd, ' .', keys.enter)
  await shell.shows(`[${line}][`)
  await shell.shows('][.]')
  const [, words = ''] = shell.text.split(`[${line}]`)
  return words.slice(0, words.indexOf('[.]'))
}
