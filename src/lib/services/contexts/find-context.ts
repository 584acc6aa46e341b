import { type ContextStore, checkContextName, defaultContext } from '#lib/domain/context/context.ts'
import { EviError } from '#lib/errors.ts'
import { nearest } from '#lib/text/nearest.ts'

/**
 * Checks that there is such a context.
 *
 * @param code of the error where there is none
 * @throws EviError with that code, with the nearest name; `usage` for what can be no name
 */
export function findContext(name: string, store: ContextStore, code: 'usage' | 'not-found'): string {
  checkContextName(name)
  const names = store.names()
  if (names.includes(name)) return name
  const near = nearest(name, names)
  throw new EviError(code, `There is no context ${name}.`, {
    hint: [
      ...(near === undefined ? [] : [`Did you mean ${near}?`]),
      'See the contexts: evi context list',
      `Or make it: evi context create ${name}`,
    ].join('\n'),
  })
}

/**
 * Refuses to remove a context that is needed.
 *
 * @throws EviError `usage` for the default context and the one in use, `not-found`
 */
export function refuseRemoval(name: string, store: ContextStore): void {
  findContext(name, store, 'not-found')
  if (name === defaultContext)
    throw new EviError('usage', 'The default context cannot be removed.', {
      hint: "Remove an event's subscriptions: evi unsubscribe EVENT --all --context default",
    })
  if (name === store.used())
    throw new EviError('usage', `The context ${name} is in use.`, {
      hint: `Choose another first: evi context use ${defaultContext}`,
    })
}
