import { grantedBy, type PublishFailure } from '#lib/domain/failure/failure.ts'
import {
  type Needs,
  permitPublishing,
  publishingNeeds,
  type WatchedPlace,
} from '#lib/domain/failure/permissions.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { type EviError, PermissionMissing } from '#lib/errors.ts'

/** What it takes to publish to all sockets of a login, and to watch some of them: each command replaces what another one granted. */
export class PublishingPermissions {
  readonly #sockets: readonly Socket[]
  readonly #watched: readonly WatchedPlace[]
  #needs: Needs | undefined

  constructor(sockets: readonly Socket[], watched: readonly WatchedPlace[] = []) {
    this.#sockets = sockets
    this.#watched = watched
  }

  /** The outcome, where a permission is missing with one command that grants all of them. */
  inOutcome<T extends object>(socket: Socket, outcome: T | PublishFailure): T | PublishFailure {
    return grantedBy(outcome, (user) => this.#command(socket, user))
  }

  /** The error likewise. */
  inError(socket: Socket, error: EviError): EviError {
    return error instanceof PermissionMissing
      ? error.grantedBy(this.#command(socket, error.permission.user))
      : error
  }

  #command(socket: Socket, user: string): string {
    this.#needs ??= publishingNeeds(this.#sockets, this.#watched)
    return permitPublishing(socket, user, this.#needs)
  }
}
