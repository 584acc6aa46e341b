import { EviError } from '#lib/errors.ts'
import { knownEvent } from './catalogue.ts'
import { nearestEvent } from './doubts.ts'
import { paramNameOf } from './notification.ts'

/**
 * Realistic parameters of an event, each `NAME:=JSON`, in the order in which OpenSIPS sends them.
 *
 * @param own parameters as `--param` gives them: they stand in the place of the known ones of their names, or at the end
 * @throws EviError `usage` for an event that the catalogue does not have
 */
export async function exampleParams(event: string, own: readonly string[]): Promise<readonly string[]> {
  const { params } = knownEvent(event) ?? (await unknownEvent(event))
  const known = params.flatMap(({ name, example }) => {
    const given = own.filter((assignment) => paramNameOf(assignment) === name)
    return given.length > 0 ? given : [`${name}:=${JSON.stringify(example)}`]
  })
  const names = params.map(({ name }) => name)
  return [...known, ...own.filter((assignment) => !names.includes(paramNameOf(assignment)))]
}

async function unknownEvent(event: string): Promise<never> {
  const resembled = await nearestEvent(event)
  throw new EviError('usage', `There is no example of ${event}, which is no event of OpenSIPS itself.`, {
    hint: resembled === undefined ? 'The events with an example: evi events' : `Did you mean ${resembled}?`,
  })
}
