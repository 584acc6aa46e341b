import { configDirectory } from '#lib/cli/config-directory.ts'
import { Context } from '#lib/cli/context.ts'
import { type Candidate, type Completion, complete } from './candidates.ts'
import { bashInsertion, type CurrentWord, readCommandLine } from './command-line.ts'
import { knownNames } from './known-names.ts'
import type { Program } from './typed-command.ts'

/**
 * What a shell's completion gets: the kind of what it is to offer on the first line, and a candidate on each other one,
 * for zsh and fish with a tab and a description. The line up to the cursor comes by a variable, as it may hold a
 * password, which others would see among the arguments.
 */
export async function completionAnswer(
  shell: string | undefined,
  program: Program,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const { EVI_COMPLETE_LINE: line = '', EVI_COMPLETE_BREAKS: breaks } = environment
  const { words, current } = readCommandLine(line, breaks)
  const context = new Context({
    configDirectory: configDirectory(environment),
    name: contextIn(words),
    environment,
    onExposed: () => {},
    onChanged: () => {},
  })
  const completion = await complete({ words, current: current.text }, program, knownNames(context))
  if (completion.kind !== 'words') return `${completion.kind}\n`
  const fitting = distinct(completion.candidates.filter(({ value }) => value.startsWith(current.text)))
  const lines = fitting.flatMap((one) => (shell === 'bash' ? forBash(one, current) : described(one)))
  return [kindOf(completion, fitting), ...lines, ''].join('\n')
}

/** The context that the command line names. */
function contextIn(words: readonly string[]): string | undefined {
  const [flag = '', value] = words.slice(words.findIndex((word) => /^--context(=|$)/.test(word)))
  if (flag === '--context') return value
  return /^--context=(.*)/s.exec(flag)?.[1]
}

/** A single candidate that is not whole gets no blank behind it. */
function kindOf({ kind }: Completion, candidates: readonly Candidate[]): string {
  return candidates.length === 1 && candidates[0]?.value.endsWith('=') ? 'unfinished' : kind
}

function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  return [...new Map(candidates.toReversed().map((one) => [one.value, one])).values()].toReversed()
}

function forBash({ value }: Candidate, current: CurrentWord): string[] {
  const inserted = bashInsertion(value, current)
  return inserted === undefined ? [] : [inserted]
}

function described({ value, about = '' }: Candidate): string {
  return `${value}\t${about}`
}
