import { type Needs, permitWatching, watchingNeeds } from '#lib/domain/failure/permissions.ts'
import { type EviError, PermissionMissing } from '#lib/errors.ts'
import type { Failure } from './openings.ts'
import type { WatchedSocket } from './watched-socket.ts'

/**
 * The failures, where a permission is missing with one command that grants all that watching takes. It is for all sockets that share
 * the login, as each command replaces what another one granted.
 */
export function withPermissions(
  failed: ReadonlyMap<WatchedSocket, EviError>,
  sockets: readonly WatchedSocket[],
): readonly Failure[] {
  for (const [socket, error] of failed) socket.learnFrom(error)
  let all: Needs | undefined
  return [...failed].map(([socket, error]) => {
    if (!(error instanceof PermissionMissing)) return { socket, error }
    all ??= watchingNeeds(sockets.map(({ place }) => place))
    return { socket, error: error.grantedBy(permitWatching(socket.place, error.permission.user, all)) }
  })
}
