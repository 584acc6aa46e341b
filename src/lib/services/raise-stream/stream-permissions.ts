import { connectionKeyOf, type Socket } from '#lib/domain/socket/socket.ts'
import { LoginPermissions } from '#lib/services/connections/login-permissions.ts'
import type { LineFailure } from './stream-listener.ts'

export interface StreamPlaces {
  /** All subscribers that a line may be for; the same array for the same ones. */
  readonly subscribers: () => readonly Socket[]
  /** What was published to, which may be recorded places that no subscriber has. */
  readonly used: { readonly size: number; values(): Iterable<Socket> }
}

/** The sockets by their logins, as of a moment. */
interface KnownSockets {
  readonly subscribers: readonly Socket[]
  readonly used: number
  readonly byLogin: ReadonlyMap<string, readonly Socket[]>
}

/** Names, where a permission is missing, one command that grants what all sockets of the login need. */
export class StreamPermissions {
  readonly #places: StreamPlaces
  readonly #logins = new Map<string, LoginPermissions>()
  #known: KnownSockets | undefined

  constructor(places: StreamPlaces) {
    this.#places = places
  }

  inResults(results: readonly LineFailure[]): readonly LineFailure[] {
    return results.map((result) => {
      const { socket, failure } = result
      if (!socket || !(failure.permission || failure.topic)) return result
      return { ...result, failure: this.#permissionsOf(socket).inOutcome(socket, failure) }
    })
  }

  #permissionsOf(socket: Socket): LoginPermissions {
    const { byLogin } = this.#sockets()
    const login = connectionKeyOf(socket)
    const known = this.#logins.get(login)
    if (known) return known
    const permissions = new LoginPermissions(byLogin.get(login) ?? [socket])
    this.#logins.set(login, permissions)
    return permissions
  }

  #sockets(): KnownSockets {
    const { subscribers: read, used } = this.#places
    const subscribers = read()
    const known = this.#known
    if (known?.subscribers === subscribers && known.used === used.size) return known
    this.#logins.clear()
    const byLogin = Map.groupBy([...subscribers, ...used.values()], connectionKeyOf)
    this.#known = { subscribers, used: used.size, byLogin }
    return this.#known
  }
}
