import type { Command } from '@oclif/core/command'

/** The commands of evi with their flags and arguments, as oclif has them. */
export interface Program {
  readonly commands: readonly Pick<
    Command.Cached,
    'id' | 'args' | 'flags' | 'description' | 'strict' | 'hidden'
  >[]
  readonly topics: readonly { readonly name: string; readonly description?: string | undefined }[]
}

export type ProgramCommand = Program['commands'][number]
export type Flag = ProgramCommand['flags'][string]
export type Arg = ProgramCommand['args'][string]

/** What stands behind a command, in front of the cursor. */
export interface Given {
  /** The flag whose value stands at the cursor. */
  readonly open: Flag | undefined
  readonly flags: ReadonlySet<string>
  readonly positionals: readonly string[]
}

/** The command that the words begin with, and the words behind it. */
export function findCommand(words: readonly string[], { commands }: Program) {
  for (const length of [2, 1]) {
    const id = words.slice(0, length).join(':')
    const command = commands.find((one) => one.id === id)
    if (words.length >= length && command) return { command, rest: words.slice(length) }
  }
  return undefined
}

/** Reads the words behind a command by its flags. */
export function readGiven(words: readonly string[], { flags }: ProgramCommand): Given {
  let open: Flag | undefined
  const seen = new Set<string>()
  const positionals: string[] = []
  for (const word of words) {
    if (open) {
      open = undefined
      continue
    }
    const [name = '', value] = /^--([\w-]+)(=.*)?$/s.exec(word)?.slice(1) ?? []
    const flag = flags[name.replace(/^no-/, '')] ?? flags[name] ?? flagOf(word, flags)
    if (flag) seen.add(flag.name)
    else if (!word.startsWith('-') || word === '-') positionals.push(word)
    if (flag?.type === 'option' && value === undefined) open = flag
  }
  return { open, flags: seen, positionals }
}

function flagOf(word: string, flags: ProgramCommand['flags']): Flag | undefined {
  return /^-\w$/.test(word) ? Object.values(flags).find(({ char }) => `-${char}` === word) : undefined
}
