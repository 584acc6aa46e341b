import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { EviError, systemCode } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/**
 * Looks where `spawn` looks, as a command that is missing should be known before evi starts what takes long.
 *
 * @throws EviError `usage` when there is no such command, or nothing of that name can be run
 */
export function requireCommand(command: string): void {
  const reasons = placesOf(command).map((path) => ({ path, reason: whyNot(path) }))
  if (reasons.some(({ reason }) => reason === undefined)) return
  const name = JSON.stringify(command)
  const there = reasons.filter(({ reason }) => reason !== 'ENOENT' && reason !== 'ENOTDIR')
  if (there.length === 0) throw new EviError('usage', `There is no command ${name}.`)
  const script = there.find(({ reason }) => reason === 'EACCES')
  throw new EviError('usage', `The command ${name} cannot be run: it is not an executable file.`, {
    hint: script && `If it is a script: chmod +x ${shellWord(script.path)}`,
  })
}

function placesOf(command: string): readonly string[] {
  if (command === '') return []
  if (command.includes('/')) return [command]
  return (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, command))
}

function whyNot(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile() ? undefined : 'EISDIR'
  } catch (error) {
    return systemCode(error)
  }
}
