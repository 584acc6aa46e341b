import { guessedManagementUrl } from '#lib/domain/management-setting.ts'
import { connectionKeyOf, type Host, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { GuessedManagement, Management } from '#lib/management/management.ts'
import type { ManagementFinder } from './management-finder.ts'

/**
 * Finds the management API beside a broker on its usual port, as `management` auto has it (docs/settings.md), and asks
 * once for each login. The login goes there only where an anonymous question is answered as RabbitMQ does; the API is used
 * only if it names the broker's cluster. Whatever else is there is none, and no failure.
 *
 * @param limit milliseconds for the anonymous question, as a firewall mostly lets it run out
 */
export function guessingFinder(
  open: (url: URL, socket: Socket) => Promise<GuessedManagement>,
  limit: number,
): ManagementFinder {
  const known = new Map<string, Promise<Management | undefined>>()
  const find = async (socket: Socket, host: Host, cluster: string): Promise<Management | undefined> => {
    const url = guessedManagementUrl(socket, host)
    if (url === undefined) return undefined
    try {
      const api = await open(url, socket)
      if (!(await api.isThere(limit))) return undefined
      return (await api.cluster()) === cluster ? api : undefined
    } catch (error) {
      if (error instanceof EviError) return undefined
      throw error
    }
  }
  const finder: ManagementFinder = async (socket, { cluster, host }) => {
    if (cluster === undefined) return undefined
    const key = JSON.stringify([connectionKeyOf(socket), host, cluster])
    const found = known.get(key) ?? find(socket, host, cluster)
    known.set(key, found)
    return await found
  }
  return Object.assign(finder, { isGuess: true as const })
}
