import { isUtf8 } from 'node:buffer'
import { existsSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { EviError, systemCode } from '#lib/errors.ts'
import { readRegularFile } from '#lib/files/regular-file.ts'
import { checksumOf, differsFromChecksum, headOf } from './checksum.ts'

/** The version of the files' form; a file with a higher one comes from a newer evi and is left alone. */
export const version = 1

/** Bytes that Node.js can read at once; a larger file could be written, and never be read again. */
const largest = 2 ** 31 - 1

export type Document = Readonly<Record<string, unknown>>

/** Who has to know what becomes of evi's files. */
export interface StorageListener {
  /** Others can read the file, by its `mode`; without a listener that is not looked for. */
  readonly exposed?: (path: string, mode: number) => void
  /** The file's checksum is not that of its content, which makes sense nevertheless. */
  readonly changed?: (path: string) => void
  /** Called before a change; what it gives is called when the change is made, before anything else can happen. */
  readonly changing: () => Promise<() => void>
  /** The error for a directory that is no longer there; without it the directory is made when it is needed. */
  readonly removed?: () => EviError
}

/**
 * A JSON file in evi's directory. Reading is plain `JSON.parse`, as importing conf costs more than all else that a
 * raise does; writing goes through conf under a lock, into a draft that then takes the file's place, so a reader sees the
 * old content or the new one, and no writer loses another's change.
 */
export class ConfigFile {
  readonly path: string
  readonly #directory: string
  readonly #name: string
  readonly #listener: StorageListener | undefined

  constructor(
    directory: string,
    name: string,
    { listener }: { readonly listener?: StorageListener | undefined } = {},
  ) {
    this.#directory = directory
    this.#name = name
    this.#listener = listener
    this.path = join(directory, `${name}.json`)
  }

  /**
   * The file's content; undefined when there is no file.
   *
   * @throws EviError `damaged` when it cannot be read, is no JSON object or is from a newer evi
   */
  read(): Document | undefined {
    const bytes = this.readBytes()
    return bytes && this.parse(bytes)
  }

  /** The file's bytes; undefined when there is no file. @throws EviError `damaged` when it cannot be read */
  readBytes(): Buffer | undefined {
    try {
      const { bytes, stats } = readRegularFile(this.path)
      this.#reportExposed(stats)
      return bytes
    } catch (error) {
      const code = systemCode(error)
      if (code === 'ENOENT') return this.#withoutFile()
      if (code === undefined) throw error
      if (code !== 'EACCES') throw this.damaged(`cannot be read (${reasons[code] ?? code})`, error)
      throw new EviError('damaged', `${this.path} cannot be read (${reasons[code]}).`, {
        hint: 'Have its owner let this user read it, or use another directory: EVI_CONFIG_DIR=DIRECTORY',
        cause: error,
      })
    }
  }

  /** Reads the JSON document that the bytes of the file hold. @throws EviError `damaged` as `read` */
  parse(bytes: Buffer): Document {
    // A decoder that finds mistakes by itself takes ten times as long.
    if (!isUtf8(bytes)) throw this.damaged('is not valid UTF-8')
    let document: unknown
    try {
      document = JSON.parse(bytes.toString())
    } catch (error) {
      throw this.damaged('is not JSON', error)
    }
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      throw this.damaged('is not a JSON object')
    }
    const written = (document as Document).version
    if (typeof written === 'number' && written > version) {
      throw new EviError('damaged', `${this.path} was written by a newer evi (form ${written}).`, {
        hint: 'Nothing was changed. Use the newer evi, or another directory: EVI_CONFIG_DIR=DIRECTORY',
      })
    }
    if (written !== version) throw this.damaged(`has no "version": ${version}`)
    if (this.#listener?.changed && differsFromChecksum(bytes)) this.#listener.changed(this.path)
    return document as Document
  }

  /**
   * Replaces the content by what `change` makes of it, alone among all processes.
   *
   * @throws EviError `damaged` as `read`, `cannot-write`, or `busy`
   */
  async update<T>(change: (current: Document | undefined) => { next: Document; result: T }): Promise<T> {
    return await this.updateBytes((bytes) => {
      const { next, result } = change(bytes && this.parse(bytes))
      return { next: toBytes(next), result }
    })
  }

  /** Replaces the content as `update` does, for a file that is not read as a whole. */
  async updateBytes<T>(change: (current: Buffer | undefined) => { next: Buffer; result: T }): Promise<T> {
    // Loaded here, as only a write needs it: a raise reads, and should not wait for it.
    const [{ withLock }, { makeDirectory }, { importConf, replaceFile }] = await Promise.all([
      import('./lock.ts'),
      import('./make-directory.ts'),
      import('./replace-file.ts'),
    ])
    const Conf = await importConf()
    const made = await this.#listener?.changing()
    try {
      if (this.#listener?.removed === undefined) makeDirectory(this.#directory)
      return await withLock(join(this.#directory, `${this.#name}.lock`), () => {
        const { next, result } = change(this.readBytes())
        if (next.length > largest) throw this.#tooLarge()
        replaceFile(Conf, this.path, next)
        made?.()
        return result
      })
    } catch (error) {
      const code = systemCode(error)
      if (error instanceof EviError || code === undefined) throw error
      if (code === 'ENOENT') this.#withoutFile()
      throw new EviError('cannot-write', `${this.path} cannot be written: ${reasons[code] ?? code}.`, {
        hint: 'Nothing was changed. Make it writable, or use another directory: EVI_CONFIG_DIR=DIRECTORY',
        cause: error,
      })
    }
  }

  /** The error for content that makes no sense; evi never overwrites such a file. */
  damaged(how: string, cause?: unknown): EviError {
    return new EviError('damaged', `${this.path} ${how}; evi leaves it as it is.`, {
      hint: 'Repair it, or move it away to start with an empty one.',
      cause,
    })
  }

  #tooLarge(): EviError {
    return new EviError('cannot-write', `${this.path} would be larger than 2 GiB.`, {
      hint: 'Nothing was changed. Keep some of the subscriptions in another context: evi context create NAME',
    })
  }

  /** A file that was never written is fine, unless its directory was removed. */
  #withoutFile(): undefined {
    if (this.#listener?.removed && !existsSync(this.#directory)) throw this.#listener.removed()
  }

  /** Reports it to who can change it; evi leaves the mode, as its owner may share the file with a group on purpose. */
  #reportExposed({ mode, uid }: Stats): void {
    const user = process.getuid?.()
    if ((mode & 0o077) !== 0 && (user === uid || user === 0))
      this.#listener?.exposed?.(this.path, mode & 0o777)
  }
}

/** JSON, with the version and the checksum of all else in the first line. */
function toBytes(document: Document): Buffer {
  const [, ...lines] = JSON.stringify(document, undefined, '\t').split('\n')
  const content = Buffer.from(`${lines.join('\n')}\n`)
  return Buffer.concat([Buffer.from(headOf(version, checksumOf(content))), content])
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'a file stands where the directory belongs',
  EFBIG: 'the file may not grow so large (ulimit -f)',
  EIO: 'the disk fails',
  EISDIR: 'it is a directory',
  ENOENT: 'no file can be made there',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'a file stands where the directory belongs',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
}
