import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type Conf from 'conf'

/**
 * Puts bytes in the place of a JSON file's content: durably, or not at all. A new file is for its owner only, an
 * existing one keeps its owner, group and mode. conf writes a draft beside the file, and the draft becomes the file once all of it is on the disk: conf itself takes no notice of how
 * much a full disk took (atomically 2.1.1), and in a snap it writes the file in place.
 *
 * To be called under a lock: a draft that is there was left by a writer that was killed. @throws Node's system errors
 */
export function replaceFile(Writer: typeof Conf, path: string, bytes: Buffer): void {
  const target = resolveLinks(path)
  const directory = dirname(target)
  const draftName = `${basename(target, '.json')}.draft`
  const draft = join(directory, `${draftName}.json`)
  removeDrafts(directory, draftName)
  try {
    new Writer<Record<string, unknown>>({
      cwd: directory,
      configName: draftName,
      configFileMode: 0o600,
      clearInvalidConfig: false,
      serialize: () => bytes,
    }).store = {}
    complete(draft, bytes, statSync(target, { throwIfNoEntry: false }))
    renameSync(draft, target)
  } catch (error) {
    removeDrafts(directory, draftName)
    throw error
  }
  flushDirectory(directory)
}

/**
 * Imports conf without its listeners for signals: to remove a temporary file they raise each signal again, which would
 * cut off what evi still has to clean up. The one for the process's exit, which does the same, stays.
 */
export async function importConf(): Promise<typeof import('conf').default> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const own = signals.map((signal) => process.listeners(signal))
  const { default: Conf } = await import('conf')
  for (const [index, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (!own[index]?.includes(listener)) process.off(signal, listener)
    }
  }
  return Conf
}

/** Has what is made, renamed or removed in the directory outlive a power cut, where the file system can do that. */
export function flushDirectory(directory: string): void {
  try {
    const file = openSync(directory, 'r')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch {
    // Some network file systems cannot, and what is written is no worse for it.
  }
}

/** Where the file really is: a link stays a link. */
function resolveLinks(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Writes what is missing of the draft, which throws the reason if there is one, and has it on the disk. */
function complete(draft: string, bytes: Buffer, replaced: Stats | undefined): void {
  const file = openSync(draft, 'r+')
  try {
    for (let end = fstatSync(file).size; end < bytes.length; )
      end += writeSync(file, bytes, end, undefined, end)
    if (replaced) keepAccess(file, replaced)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Gives a file the owner, group and mode of another, as far as the user may; never more rights to another group. */
function keepAccess(file: number, { uid, gid, mode }: Stats): void {
  const own = fstatSync(file)
  const keeps = (changes: boolean, change: () => void) => {
    try {
      if (changes) change()
      return true
    } catch {
      return false
    }
  }
  const unchanged = -1
  keeps(uid !== own.uid, () => fchownSync(file, uid, unchanged))
  const keepsGroup = keeps(gid !== own.gid, () => fchownSync(file, unchanged, gid))
  // After the owner, which takes bits of the mode away.
  fchmodSync(file, mode & (keepsGroup ? 0o777 : 0o707))
}

/** conf's temporary ones, too, which are named after the draft. */
function removeDrafts(directory: string, draftName: string): void {
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`${draftName}.`)) rmSync(join(directory, name), { force: true })
  }
}
