import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

export interface LocalServer {
  readonly port: number
  /** Cuts all connections; new ones are taken. */
  cut(): void
  close(): Promise<void>
}

/** A TCP server on a free port of 127.0.0.1, or of another address, that treats each connection so. */
export async function serve(
  treat: (connection: Socket) => void,
  port = 0,
  address = '127.0.0.1',
): Promise<LocalServer> {
  const connections = new Set<Socket>()
  const server: Server = createServer((connection) => {
    connections.add(connection)
    connection.on('error', () => {}).on('close', () => connections.delete(connection))
    treat(connection)
  })
  server.listen(port, address)
  await once(server, 'listening')
  const cut = () => {
    for (const connection of connections) connection.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close: async () => {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}
