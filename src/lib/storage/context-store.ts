import { readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ContextStore, checkContextName, defaultContext } from '#lib/domain/context/context.ts'
import { EviError, systemCode } from '#lib/errors.ts'
import { writeWhole } from '#lib/files/write-whole.ts'
import { ConfigFile, type Document, type StorageListener } from './config-file.ts'

/** The files that each context has, by their names. */
const files = ['subscriptions', 'settings', 'tls-domains'] as const

/**
 * The contexts of evi's directory: each named one is a directory below `contexts`, and `context.json` holds which of them
 * is in use (docs/contexts.md).
 */
export class DirectoryContextStore implements ContextStore {
  readonly #root: string
  readonly #all: string
  readonly #choice: ConfigFile
  readonly #listener: StorageListener | undefined

  constructor(root: string, listener?: StorageListener) {
    this.#root = root
    this.#listener = listener
    this.#all = join(root, 'contexts')
    this.#choice = new ConfigFile(root, 'context', { listener })
  }

  names(): readonly string[] {
    return [defaultContext, ...this.#named().toSorted()]
  }

  used(): string {
    const document = this.#readChoice()
    if (document === undefined) return defaultContext
    const { context } = document
    if (context === defaultContext || (typeof context === 'string' && isName(context))) return context
    throw this.#choice.damaged('has no "context" that can be one')
  }

  directoryOf(name: string): string {
    return name === defaultContext ? this.#root : join(this.#all, checkContextName(name))
  }

  async use(name: string): Promise<void> {
    await this.#choice.update(() => ({ next: { context: name }, result: undefined }))
  }

  async create(name: string): Promise<void> {
    await this.#add(name, () => {})
  }

  async copy(from: string, to: string): Promise<void> {
    const source = this.directoryOf(from)
    await this.#add(to, (draft) => {
      for (const file of files) copyFile(new ConfigFile(source, file), join(draft, `${file}.json`))
    })
  }

  async remove(name: string): Promise<void> {
    const directory = this.directoryOf(name)
    const { withLock } = await import('./lock.ts')
    await this.#alone(async (made) => {
      // Another process was quicker.
      if (!this.#named().includes(name)) throw new EviError('not-found', `There is no context ${name}.`)
      // No writer that has read its file may write it after this.
      const lock = (file: string) => join(directory, `${file}.lock`)
      const [first, second, third] = files
      await withLock(lock(first), () =>
        withLock(lock(second), () =>
          withLock(lock(third), () => {
            renameSync(directory, this.#draft(name))
            made()
          }),
        ),
      )
      this.#removeDrafts()
    })
  }

  /** Fills a draft, which becomes the context once it is whole. */
  async #add(name: string, fill: (draft: string) => void): Promise<void> {
    const directory = this.directoryOf(name)
    await this.#alone(async (made) => {
      if (this.names().includes(name))
        throw new EviError('usage', `There is already a context ${name}.`, {
          hint: `Take another name, or remove it first: evi context remove ${name}`,
        })
      const [{ makeDirectory }, { flushDirectory }] = await Promise.all([
        import('./make-directory.ts'),
        import('./replace-file.ts'),
      ])
      const draft = this.#draft(name)
      makeDirectory(draft)
      fill(draft)
      flushDirectory(draft)
      renameSync(draft, directory)
      made()
      flushDirectory(this.#all)
    })
  }

  /**
   * Changes the contexts, alone among all processes, without what a killed one left behind.
   *
   * @param change calls what it gets when the change is made
   */
  async #alone(change: (made: () => void) => Promise<void>): Promise<void> {
    const [{ withLock }, { makeDirectory }] = await Promise.all([
      import('./lock.ts'),
      import('./make-directory.ts'),
    ])
    const made = await this.#listener?.changing()
    try {
      makeDirectory(this.#all)
      await withLock(join(this.#root, 'contexts.lock'), async () => {
        this.#removeDrafts()
        await change(() => made?.())
      })
    } catch (error) {
      const code = systemCode(error)
      if (error instanceof EviError || code === undefined) throw error
      throw new EviError('cannot-write', `${this.#all} cannot be changed (${code}).`, {
        hint: 'Nothing was changed. Make it writable, or use another directory: EVI_CONFIG_DIR=DIRECTORY',
        cause: error,
      })
    }
  }

  #named(): string[] {
    try {
      const entries = readdirSync(this.#all, { withFileTypes: true })
      return entries.flatMap((entry) => (isName(entry.name) && entry.isDirectory() ? [entry.name] : []))
    } catch (error) {
      const code = systemCode(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return []
      if (code === undefined) throw error
      throw new EviError('damaged', `${this.#all} cannot be read (${code}).`, { cause: error })
    }
  }

  /** Undefined also below a file, where there are no contexts; what the command does there says what is wrong. */
  #readChoice(): Document | undefined {
    try {
      return this.#choice.read()
    } catch (error) {
      if (error instanceof Error && systemCode(error.cause) === 'ENOTDIR') return undefined
      throw error
    }
  }

  /** A directory that is not yet, or no longer, a context. */
  #draft(name: string): string {
    return join(this.#all, `${draftMark}${name}`)
  }

  #removeDrafts(): void {
    for (const name of readdirSync(this.#all)) {
      if (name.startsWith(draftMark)) rmSync(join(this.#all, name), { recursive: true, force: true })
    }
  }
}

/** No context's name begins with it. */
const draftMark = '.draft-'

/** Of a named context. */
function isName(name: string): boolean {
  try {
    return checkContextName(name) !== defaultContext
  } catch {
    return false
  }
}

/** Copies a file that makes sense, for its owner only; one that is not there is none in the copy, either. */
function copyFile(source: ConfigFile, target: string): void {
  const bytes = source.readBytes()
  if (bytes === undefined) return
  source.parse(bytes)
  writeWhole(target, bytes, { flags: 'wx', mode: 0o600 })
}
