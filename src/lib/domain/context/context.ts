import { EviError } from '#lib/errors.ts'

/** What the context is called whose files stand in evi's directory itself. */
export const defaultContext = 'default'

/** Where contexts are kept; a port. The default one is always there. */
export interface ContextStore {
  /** All of them, the default one first. @throws EviError `damaged` */
  names(): readonly string[]
  /** The one that `evi context use` chose. @throws EviError `damaged` */
  used(): string
  /** The directory of a context's files. */
  directoryOf(name: string): string
  /** Chooses one for all that name none. @throws EviError `damaged`, `cannot-write`, `busy` */
  use(name: string): Promise<void>
  /** Makes an empty one. @throws EviError `usage` for one that exists, `cannot-write`, `busy` */
  create(name: string): Promise<void>
  /** Makes one with all that another has. @throws EviError `usage` for one that exists, `damaged`, `cannot-write`, `busy` */
  copy(from: string, to: string): Promise<void>
  /** Removes one with all that it has. @throws EviError `not-found`, `cannot-write`, `busy` */
  remove(name: string): Promise<void>
}

const longest = 64

/**
 * Checks a context's name, which is a directory's, too.
 *
 * @throws EviError `usage`
 */
export function checkContextName(name: string): string {
  if (/^[A-Za-z0-9][\w.-]*$/.test(name) && name.length <= longest) return name
  throw new EviError('usage', `${JSON.stringify(name)} cannot be the name of a context.`, {
    hint: `A name has letters, digits, ".", "_" and "-", begins with a letter or digit, and has at most ${longest} characters.`,
  })
}
