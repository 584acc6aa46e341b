import type { Declaration } from '#lib/domain/routing/declaration.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'
import type { Part } from './find-part.ts'

export interface Plan {
  readonly socket: Socket
  readonly parts: readonly Part[]
}

/** A socket that could not be looked at, or not all that it needs be declared, and why. */
interface FailedToDeclare {
  readonly socket: Socket
  /** Those that were declared before. */
  readonly parts: readonly DeclaredPart[]
  readonly failure: EviError
}

/** What is missing, before anything is declared. */
export interface LookReport {
  readonly plans: readonly Plan[]
  /** The sockets that could not be looked at. */
  readonly failed: readonly FailedToDeclare[]
}

/** `bound`: made, or there before; declaring a binding once more changes nothing. */
export interface DeclaredPart {
  readonly declaration: Declaration
  readonly outcome: 'made' | 'exists' | 'bound'
}

/** What became of a socket's parts, up to the failure if there was one. */
export type Declared = FailedToDeclare | (Omit<FailedToDeclare, 'failure'> & { readonly failure: undefined })

export interface DeclareReport {
  readonly results: readonly Declared[]
  readonly exit: number
}
