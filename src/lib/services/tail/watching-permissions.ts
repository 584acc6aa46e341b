import { connectionKeyOf } from '#lib/domain/socket/socket.ts'
import type { EviError } from '#lib/errors.ts'
import { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import type { Failure } from './openings.ts'
import type { WatchedSocket } from './watched-socket.ts'

/**
 * The failures, where a permission is missing with one command that grants all that watching takes. It is for all sockets that share
 * the login, as each command replaces what another one granted.
 *
 * @param failed sockets of one login
 * @param all that are or were to be watched
 */
export function withPermissions(
  failed: ReadonlyMap<WatchedSocket, EviError>,
  all: readonly WatchedSocket[],
): readonly Failure[] {
  const [first] = failed.keys()
  if (!first) return []
  for (const [socket, error] of failed) socket.learnFrom(error)
  const login = connectionKeyOf(first.socket)
  const places = all.filter(({ socket }) => connectionKeyOf(socket) === login).map(({ place }) => place)
  const permissions = new LoginPermissions([], places)
  return [...failed].map(([socket, error]) => ({ socket, error: permissions.inError(socket.socket, error) }))
}
