import type { Declaration } from '#lib/domain/routing/declaration.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'
import type { Part } from './find-part.ts'

export interface Plan {
  readonly socket: Socket
  readonly parts: readonly Part[]
}

/** `bound`: made, or there before; declaring a binding once more changes nothing. */
export interface DeclaredPart {
  readonly declaration: Declaration
  readonly outcome: 'made' | 'exists' | 'bound'
}

/** What became of a socket's parts, up to the failure if there was one. */
export interface Declared {
  readonly socket: Socket
  readonly parts: readonly DeclaredPart[]
  readonly failure: EviError | undefined
}

export interface DeclareReport {
  readonly results: readonly Declared[]
  readonly exit: number
}
