import type { BrokerConnection } from '#lib/broker/broker.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { Management } from '#lib/management/management.ts'

/**
 * Finds the management API that speaks for the connection's cluster; undefined where none of those given does.
 *
 * @throws EviError why one that might could not be asked
 */
export type ManagementFinder = (
  socket: Socket,
  connection: Pick<BrokerConnection, 'cluster'>,
) => Promise<Management | undefined>

export function managementFinder(
  urls: readonly URL[],
  open: (url: URL, socket: Socket) => Promise<Management>,
): ManagementFinder {
  return async (socket, { cluster }) => {
    const apis = await Promise.all(urls.map((url) => open(url, socket)))
    const asked = await Promise.allSettled(apis.map((api) => api.cluster()))
    const found = asked.findIndex(
      (answer) => answer.status === 'fulfilled' && (cluster === undefined || answer.value === cluster),
    )
    const silent = asked.find((answer) => answer.status === 'rejected')
    if (found < 0 && silent) throw silent.reason
    return apis[found]
  }
}
