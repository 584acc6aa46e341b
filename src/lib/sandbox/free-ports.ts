import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { loopback } from './node-files.ts'

/** Ports of the loopback address that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held at once, or the same port could come twice.
  const servers = await Promise.all(Array.from({ length: count }, listen))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) server.close()
  await Promise.all(servers.map((server) => once(server, 'close')))
  return ports
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0, loopback)
  await once(server, 'listening')
  return server
}
