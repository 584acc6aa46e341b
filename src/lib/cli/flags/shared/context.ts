import { checkContextName } from '#lib/domain/context/context.ts'
import { textArgument } from './common.ts'

/** A context's name, checked. */
export const contextArgument = (description: string) =>
  textArgument({ description, required: true, parse: async (name) => checkContextName(name) })
