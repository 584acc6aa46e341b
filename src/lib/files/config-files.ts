import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { OpenedFile, OpenInclude } from '#lib/domain/opensips/config/syntax/flatten.ts'
import { readBytes, unreadable } from './read-input.ts'
import { readRegularFile } from './regular-file.ts'

/** Opens an opensips.cfg, or standard input where the name is `-`. @throws EviError `no-input` */
export async function openConfig(name: string): Promise<OpenedFile> {
  return { name: name === '-' ? 'stdin' : name, bytes: await readBytes(name) }
}

/** Opens included files, each of them once. */
export function includeOpener(): OpenInclude {
  const opened = new Map<string, Uint8Array>()
  return (path, includingFile) => {
    const isAbsolute = path.startsWith('/')
    const name = isAbsolute || exists(path) ? path : join(dirname(includingFile), path)
    let bytes = opened.get(name)
    if (!bytes) {
      try {
        bytes = readRegularFile(name).bytes
      } catch (error) {
        throw unreadable(name, error)
      }
      opened.set(name, bytes)
    }
    return { name, bytes }
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
