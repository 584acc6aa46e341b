import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { type Exchange, recorded, transportOf } from './recorded.ts'

/** One recorded answer on an address of its own; it is given to the recorded request only, whatever the id of that. */
export interface Replay {
  /** For `--opensips`. */
  readonly url: string
  close(): Promise<void>
}

export async function replay(exchange: Exchange): Promise<Replay> {
  switch (transportOf(exchange)) {
    case 'http':
      return await replayHttp(exchange)
    case 'fifo':
      return await replayFifo(exchange)
    case 'datagram-udp':
      return await replayUdp(exchange)
    default:
      throw new Error(`There is no replay of ${exchange.id}.`)
  }
}

async function replayHttp(exchange: Exchange): Promise<Replay> {
  const connections = new Set<Socket>()
  const server = createServer((connection) => {
    connections.add(connection)
    let request = ''
    connection.on('error', () => {})
    connection.on('data', (chunk) => {
      request += chunk
      const [head = '', body = ''] = request.split('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
      if (Buffer.byteLength(body) < length) return
      const isJson = /^content-type: application\/json\s*$/im.test(head)
      const answer = isJson ? answerTo(body, exchange) : undefined
      if (answer === undefined) {
        connection.destroy()
        return
      }
      connection.write(answer.text ?? '')
      if (answer.end === 'closed') connection.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/mi`,
    close: async () => {
      server.close()
      for (const connection of connections) connection.destroy()
      await once(server, 'close')
    },
  }
}

async function replayUdp(exchange: Exchange): Promise<Replay> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.on('message', (request, { port }) => {
    const answer = answerTo(String(request), exchange)
    if (answer) socket.send(answer.text ?? '', port, '127.0.0.1')
  })
  return {
    url: `udp:127.0.0.1:${socket.address().port}`,
    close: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

async function replayFifo(exchange: Exchange): Promise<Replay> {
  const directory = await mkdtemp(join(tmpdir(), 'evi-replay-'))
  const path = join(directory, 'fifo')
  await promisify(execFile)('mkfifo', [path])
  // For reading and writing, so that it never ends.
  const requests = await open(path, constants.O_RDWR | constants.O_NONBLOCK)
  const timer = setInterval(async () => {
    const buffer = Buffer.alloc(4096)
    const { bytesRead } = await requests.read(buffer).catch(() => ({ bytesRead: 0 }))
    const [, name, request] = /^:(\w+):(.*)$/s.exec(buffer.toString('utf8', 0, bytesRead)) ?? []
    const answer = request === undefined ? undefined : answerTo(request, exchange)
    if (name === undefined || answer?.end !== 'closed') return
    // As OpenSIPS does: a FIFO that the client has not opened is not waited for.
    const reply = await open(join(directory, name), constants.O_WRONLY | constants.O_NONBLOCK)
    await reply.writeFile(answer.text ?? '')
    await reply.close()
  }, 5)
  return {
    url: `fifo:${path}?reply_dir=${directory}`,
    close: async () => {
      clearInterval(timer)
      await requests.close()
      await rm(directory, { recursive: true })
    },
  }
}

/** The recorded answer; a client asks for the version first where it has to know it. */
function answerTo(request: string, exchange: Exchange): Exchange['response'] | undefined {
  const { id: _, ...asked } = JSON.parse(request)
  const isAsked = ({ request: { method, params } }: Exchange) =>
    isDeepStrictEqual(asked, { jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) })
  if (isAsked(exchange)) return exchange.response
  const version = recorded.find(({ id }) => id === exchange.id.replace(/[^/]*$/, 'version')) as Exchange
  return isAsked(version) ? version.response : undefined
}
