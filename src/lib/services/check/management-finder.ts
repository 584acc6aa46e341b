import type { BrokerConnection } from '#lib/broker/broker.ts'
import { connectionKeyOf, type Socket } from '#lib/domain/socket/socket.ts'
import type { Management } from '#lib/management/management.ts'

/**
 * Finds the management API that speaks for the connection's cluster; undefined where none of those given does, or the
 * broker does not name its cluster.
 *
 * @throws EviError why one that might could not be asked
 */
export interface ManagementFinder {
  (socket: Socket, connection: Pick<BrokerConnection, 'cluster' | 'host'>): Promise<Management | undefined>
  /** It looks where an API might be, so that to find none is no failure of what was given. */
  readonly isGuess?: true
}

export type ManagementOpener = (url: URL, socket: Socket) => Promise<Management>

/** Why none of the APIs given was asked, and what to do about it. @param cluster the broker's, if it names one */
export function noneSpeaks(cluster: string | undefined): { reason: string; hint?: string } {
  if (cluster === undefined)
    return {
      reason: 'The broker does not name its cluster, so that no management API can be known for its own.',
    }
  return {
    reason: `No management API that was given speaks for this broker's cluster, ${cluster}.`,
    hint: 'Give that one too: --management http://HOST:15672, or send a test message: --probe',
  }
}

/** The finder among the URLs given, which asks once for each login; undefined where none is given. */
export function managementFinder(
  urls: readonly URL[] = [],
  open: ManagementOpener,
): ManagementFinder | undefined {
  if (urls.length === 0) return undefined
  const known = new Map<string, Promise<Management | undefined>>()
  return async (socket, { cluster }) => {
    if (cluster === undefined) return undefined
    const key = JSON.stringify([connectionKeyOf(socket), cluster])
    const found = known.get(key) ?? find(socket, cluster)
    known.set(key, found)
    return await found
  }

  async function find(socket: Socket, cluster: string): Promise<Management | undefined> {
    const apis = await Promise.all(urls.map((url) => open(url, socket)))
    const isNear = ({ host }: Management) => socket.hosts.some((one) => one.host === host)
    const failures: unknown[] = []
    // The login goes to another host only where no API on the broker's own hosts speaks for it.
    for (const group of [apis.filter(isNear), apis.filter((api) => !isNear(api))]) {
      const names = await Promise.allSettled(group.map((api) => api.cluster()))
      const at = names.findIndex((name) => name.status === 'fulfilled' && name.value === cluster)
      if (at >= 0) return group[at]
      failures.push(...names.flatMap((name) => (name.status === 'rejected' ? [name.reason] : [])))
    }
    if (failures.length > 0) throw failures[0]
    return undefined
  }
}
