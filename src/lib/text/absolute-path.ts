import { isAbsolute, resolve } from 'node:path'
import { EviError } from '#lib/errors.ts'

/** The path from the root on. @throws EviError `no-input` where the working directory, from which a relative path leads, was deleted */
export function absolutePath(path: string): string {
  return isAbsolute(path) ? resolve(path) : resolve(workingDirectory(path), path)
}

/** Asks the system: bun's `resolve` takes a directory of its own where there is none. */
function workingDirectory(path: string): string {
  try {
    return process.cwd()
  } catch (cause) {
    throw new EviError('no-input', `The path ${path} leads nowhere, as the working directory was deleted.`, {
      hint: 'Give a path that begins with "/".',
      cause,
    })
  }
}
