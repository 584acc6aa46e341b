import { execFile, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { StandIn, type StandInOptions } from './stand-in.ts'

/** A small OpenSIPS with its Management Interface on all transports. */
export interface StandInOpenSips {
  readonly memory: StandIn
  /** For `--opensips`. */
  readonly urls: { readonly http: string; readonly fifo: string; readonly udp: string; readonly unix: string }
  close(): Promise<void>
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandInOpenSips> {
  const memory = new StandIn(options)
  const directory = await mkdtemp(join(tmpdir(), 'evi-opensips-'))
  const http = await serveHttp(memory)
  const udp = await serveUdp(memory)
  const fifo = await serveFifo(memory, directory)
  const unix = await serveUnix(directory, udp.port)
  return {
    memory,
    urls: {
      http: `http://127.0.0.1:${http.port}/mi`,
      fifo: `fifo:${fifo.path}?reply_dir=${directory}`,
      udp: `udp:127.0.0.1:${udp.port}`,
      unix: `unix:${unix.path}`,
    },
    close: async () => {
      memory.close()
      await Promise.all([http.close(), udp.close(), fifo.close(), unix.close()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The answer to a request; undefined for what is no request. */
async function answer(memory: StandIn, request: string): Promise<string | undefined> {
  let asked: { id?: unknown; method?: unknown; params?: Record<string, unknown> }
  try {
    asked = JSON.parse(request)
  } catch {
    return undefined
  }
  const said = await memory.answer(String(asked.method), asked.params)
  return JSON.stringify({ jsonrpc: '2.0', ...said, id: asked.id })
}

async function serveHttp(memory: StandIn) {
  const limit = memory.version < '3.6' ? 16_384 : 1024
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request)
    if (request.headers['content-type'] !== 'application/json') return request.destroy()
    // As OpenSIPS does, a refusal that never ends.
    if (request.method !== 'POST') return response.writeHead(405).flushHeaders()
    if (body.length > limit) return response.writeHead(400).flushHeaders()
    const said = (await answer(memory, String(body))) ?? parseError
    return response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(said) })
      .end(said)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const parseError = '{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}'

async function serveUdp(memory: StandIn) {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.on('message', async (request, { port, address }) => {
    const said = (await answer(memory, String(request))) ?? '400 Parse_error'
    socket.send(said.length > 65_000 ? '500 Internal error' : said, port, address)
  })
  return {
    port: socket.address().port,
    close: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

async function serveFifo(memory: StandIn, directory: string) {
  const path = join(directory, 'opensips_fifo')
  await promisify(execFile)('mkfifo', [path])
  // For reading and writing, so that it never ends.
  const requests = await open(path, constants.O_RDWR | constants.O_NONBLOCK)
  const input = Buffer.alloc(4096)
  const timer = setInterval(async () => {
    const { bytesRead } = await requests.read(input).catch(() => ({ bytesRead: 0 }))
    const [, name, request] = /^:(\w+):(.*)$/s.exec(input.toString('utf8', 0, bytesRead)) ?? []
    const said = request === undefined ? undefined : await answer(memory, request)
    if (name === undefined || said === undefined) return
    const reply = await open(join(directory, name), constants.O_WRONLY | constants.O_NONBLOCK)
    await reply.writeFile(said)
    await reply.close()
  }, 5)
  return {
    path,
    close: async () => {
      clearInterval(timer)
      await requests.close()
    },
  }
}

/** Node.js has no unix datagram sockets: perl passes each datagram on to the UDP port, and its answer back. */
async function serveUnix(directory: string, port: number) {
  const path = join(directory, 'mi.sock')
  // As mi_datagram does, it answers by another socket than the one that it reads.
  const relay =
    'my ($path, $port) = @ARGV; socket(my $u, PF_UNIX, SOCK_DGRAM, 0); bind($u, sockaddr_un($path)) or die; ' +
    'socket(my $tx, PF_UNIX, SOCK_DGRAM, 0); ' +
    'socket(my $s, PF_INET, SOCK_DGRAM, 0); connect($s, sockaddr_in($port, inet_aton("127.0.0.1"))); ' +
    '$| = 1; print "ready"; while (my $from = recv($u, my $ask, 65536, 0)) ' +
    '{ send($s, $ask, 0); recv($s, my $said, 65536, 0); send($tx, $said, 0, $from) }'
  const child = spawn('perl', ['-MSocket', '-e', relay, path, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    path,
    close: async () => {
      child.kill()
      await once(child, 'close')
    },
  }
}
