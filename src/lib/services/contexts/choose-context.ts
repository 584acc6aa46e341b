import { type ContextStore, defaultContext } from '#lib/domain/context/context.ts'
import { EviError } from '#lib/errors.ts'

/** What gives the context that a command works in, from what goes first to what goes last. */
type ContextOrigin = 'flag' | 'environment' | 'use' | 'default'

export interface ChosenContext {
  readonly name: string
  readonly from: ContextOrigin
  /** The directory of its files. */
  readonly directory: string
}

/** The environment variable that names a context. */
export const contextVariable = 'EVI_CONTEXT'

/**
 * The context that a command works in: the flag's, the variable's, the one that `evi context use` chose, the default one.
 *
 * @throws EviError `usage` for a name of no context, `damaged` where the one in use is gone
 */
export async function chooseContext(
  store: ContextStore,
  { flag, variable }: { readonly flag: string | undefined; readonly variable: string | undefined },
): Promise<ChosenContext> {
  const { name, from } = origin()
  if (name === defaultContext) return { name, from, directory: store.directoryOf(name) }
  if (from === 'use') {
    if (!store.names().includes(name)) throw contextGone(name)
  } else {
    const { findContext } = await import('./find-context.ts')
    findContext(name, store, 'usage')
  }
  return { name, from, directory: store.directoryOf(name) }

  function origin(): { name: string; from: ContextOrigin } {
    if (flag !== undefined) return { name: flag, from: 'flag' }
    if (variable) return { name: variable, from: 'environment' }
    const used = store.used()
    return { name: used, from: used === defaultContext ? 'default' : 'use' }
  }
}

/** The error for a context that was removed while it was in use. */
export function contextGone(name: string): EviError {
  return new EviError('damaged', `The context ${name} was removed.`, {
    hint: 'See the contexts: evi context list\nChoose another: evi context use NAME',
  })
}
