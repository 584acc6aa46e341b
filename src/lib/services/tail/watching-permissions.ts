import type { EviError } from '#lib/errors.ts'
import { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import type { Failure } from './openings.ts'
import type { WatchedSocket } from './watched-socket.ts'

/**
 * The failures, where a permission is missing with one command that grants all that watching takes. It is for all sockets that share
 * the login, as each command replaces what another one granted.
 *
 * @param failed sockets of one login
 * @param login all of its sockets that are or were to be watched
 */
export function withPermissions(
  failed: ReadonlyMap<WatchedSocket, EviError>,
  login: readonly WatchedSocket[],
): readonly Failure[] {
  if (failed.size === 0) return []
  for (const [socket, error] of failed) socket.learnFrom(error)
  const places = login.map(({ place }) => place)
  const permissions = new LoginPermissions([], places)
  return [...failed].map(([socket, error]) => ({ socket, error: permissions.inError(socket.socket, error) }))
}
