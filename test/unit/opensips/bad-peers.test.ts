import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readMiUrl } from '#lib/domain/opensips/mi-url.ts'
import { EviError } from '#lib/errors.ts'
import { openMi } from '#lib/opensips/mi-client.ts'
import { NotAsked } from '#lib/opensips/opensips.ts'
import { type LocalServer, serve } from '../../helpers/brokers/local-server.ts'

const timing = { connectTimeout: 60_000, replyTimeout: 60_000 }
/** For what never answers. */
const short = { connectTimeout: 60_000, replyTimeout: 500 }

/** Why the client cannot read the version there. */
async function failureAt(url: string, limits = timing): Promise<EviError> {
  const error: unknown = await (await openMi(readMiUrl(url, '--opensips'), limits))
    .version()
    .catch((reason) => reason)
  expect(error).toBeInstanceOf(EviError)
  return error as EviError
}

describe('mi_http', () => {
  let server: LocalServer | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  /** A server that treats each request so. */
  async function answering(treat: (connection: Socket) => void, login = ''): Promise<string> {
    server = await serve((connection) => connection.once('data', () => treat(connection)))
    return `http://${login}127.0.0.1:${server.port}/mi`
  }

  const head = (status: string, ...lines: string[]) => [`HTTP/1.1 ${status}`, ...lines, '', ''].join('\r\n')

  test.for([
    ['that is silent', () => {}, /does not answer within 500 ms/],
    [
      'that closes without an answer',
      (one: Socket) => one.destroy(),
      /closes the connection without an answer/,
    ],
    ['that answers 500', (one: Socket) => one.write(head('500 Oh')), /\(HTTP 500\)/],
    [
      'whose refusal never ends',
      (one: Socket) => one.write(head('405 Method Not Allowed', 'Transfer-Encoding: chunked')),
      /\(HTTP 405\)/,
    ],
    [
      'that redirects',
      (one: Socket) => one.write(head('302 Found', 'Location: http://elsewhere/mi')),
      /redirects/,
    ],
    [
      'that answers a page',
      (one: Socket) => one.end(`${head('200 OK', 'Connection: close')}<html><body>Hello</body></html>`),
      /"<html><body>Hello<\/body><\/html>"/,
    ],
    [
      'that speaks something else',
      (one: Socket) => one.end('220 mail.example.com ESMTP\r\n'),
      /does not speak HTTP/,
    ],
    [
      'that cuts its answer in the middle',
      (one: Socket) => one.end(`${head('200 OK', 'Content-Length: 90')}{"jsonrpc":"2.0","resu`),
      /closes the connection|breaks/,
    ],
    [
      'whose answer without a length breaks off',
      (one: Socket) => one.end(`${head('200 OK', 'Connection: close')}{"jsonrpc":"2.0","resu`),
      /breaks off/,
    ],
    [
      'that answers another JSON',
      (one: Socket) => one.end(`${head('200 OK', 'Connection: close')}{"jsonrpc":"2.0","result":[],"id":1}`),
      /damaged/,
    ],
    ...(['2', '"1"', 'null', undefined] as const).map(
      (id) =>
        [
          `that answers with the id ${id}`,
          (one: Socket) =>
            one.end(
              `${head('200 OK', 'Connection: close')}{"jsonrpc":"2.0","result":{"Server":"OpenSIPS (4.0.1 (x86_64/linux))"}${id === undefined ? '' : `,"id":${id}`}}`,
            ),
          new RegExp(`answers another request than that of evi \\(JSON-RPC id ${id ?? null}\\)`),
        ] as const,
    ),
    [
      'that announces a gigabyte',
      (one: Socket) => one.write(head('200 OK', 'Content-Length: 1000000000')),
      /more than the 16 MB/,
    ],
  ] as const)('a server %s is reported as not reached', async ([, treat, message]) => {
    const error = await failureAt(await answering(treat), message.source.includes('500 ms') ? short : timing)
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(message) })
    expect(error.hint).toBeTruthy()
  })

  test('an answer that never ends is cut at 16 MB', async () => {
    const url = await answering((connection) => {
      connection.write(head('200 OK', 'Connection: close'))
      const part = Buffer.alloc(1024 * 1024, ' ')
      const write = () => {
        while (connection.writable && connection.write(part));
      }
      connection.on('drain', write)
      write()
    })
    const error = await failureAt(url, { connectTimeout: 10_000, replyTimeout: 60_000 })
    expect(error.message).toMatch(/more than the 16 MB/)
  })

  test('an answer that comes byte by byte is given up after the reply timeout', async () => {
    const url = await answering((connection) => {
      connection.write(head('200 OK', 'Connection: close'))
      const timer = setInterval(() => connection.write(' '), 20)
      connection.on('close', () => clearInterval(timer))
    })
    expect(await failureAt(url, short)).toMatchObject({ message: expect.stringMatching(/within 500 ms/) })
  })

  test('a login that is refused is named without its password', async () => {
    const url = await answering((one) => one.write(head('401 Unauthorized')), 'admin:s3cret@')
    const error = await failureAt(url)
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('"admin"') })
    expect(`${error.message}${error.hint}`).not.toContain('s3cret')
  })

  test('a list of ten thousand subscribers is read whole', async () => {
    const sockets = Array.from({ length: 10_000 }, (_, at) => ({
      socket: `rabbitmq:guest@127.0.0.1/k${at}`,
      expire: 'never',
    }))
    const result = { Event: { name: 'E_X', id: 1, Subscribers: sockets } }
    const body = JSON.stringify({ jsonrpc: '2.0', result, id: 1 })
    const url = await answering((one) =>
      one.end(`${head('200 OK', `Content-Length: ${body.length}`)}${body}`),
    )
    const client = await openMi(readMiUrl(url, '--opensips'), {
      connectTimeout: 10_000,
      replyTimeout: 30_000,
    })
    expect(await client.subscribers('E_X')).toHaveLength(10_000)
  })

  test('the request arrives in one piece, with its type and length', async () => {
    const pieces: string[] = []
    server = await serve((connection) =>
      connection.on('data', (piece) => {
        pieces.push(String(piece))
        const body = '{"jsonrpc":"2.0","result":{"Server":"OpenSIPS (3.1.17 (x86_64/linux))"},"id":1}'
        connection.end(`${head('200 OK', `Content-Length: ${body.length}`)}${body}`)
      }),
    )
    await (await openMi(readMiUrl(`http://127.0.0.1:${server.port}/mi`, '--opensips'), timing)).version()
    expect(pieces).toEqual([
      expect.stringMatching(
        /^POST \/mi HTTP\/1\.1\r\n[\s\S]*content-type: application\/json\r\n[\s\S]*\r\n\r\n\{.*\}$/,
      ),
    ])
  })

  test('a raise above 1024 bytes is refused before it is sent to 3.6', async () => {
    const requests: string[] = []
    server = await serve((connection) =>
      connection.on('data', (request) => {
        requests.push(String(request))
        const body = '{"jsonrpc":"2.0","result":{"Server":"OpenSIPS (3.6.8 (x86_64/linux))"},"id":1}'
        connection.end(`${head('200 OK', `Content-Length: ${body.length}`)}${body}`)
      }),
    )
    const client = await openMi(readMiUrl(`http://127.0.0.1:${server.port}/mi`, '--opensips'), timing)
    await expect(client.raise('E_X', `{"a":"${'x'.repeat(1000)}"}`)).rejects.toMatchObject({ code: 'data' })
    expect(requests).toHaveLength(1)
  })
})

describe('mi_fifo', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'evi-fifo-'))
    execFileSync('mkfifo', [join(directory, 'lonely')])
    writeFileSync(join(directory, 'file'), 'kept')
    mkdirSync(join(directory, 'directory'))
    symlinkSync(join(directory, 'lonely'), join(directory, 'link'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  test.for([
    ['nothing', /has no FIFO/],
    ['lonely', /has no reader/],
    ['file', /is no FIFO but a regular file/],
    ['directory', /is no FIFO but a directory/],
    ['link', /is no FIFO but a symbolic link/],
  ] as const)('a path to "%s" is reported at once', async ([name, message]) => {
    const before = readdirSync(directory)
    const start = performance.now()
    const error = await failureAt(`fifo:${join(directory, name)}?reply_dir=${directory}`, {
      connectTimeout: 60_000,
      replyTimeout: 60_000,
    })
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(message) })
    expect(performance.now() - start).toBeLessThan(30_000)
    expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('kept')
    expect(readdirSync(directory)).toEqual(before)
  })

  test('a reader that never answers is given up, and no reply FIFO stays', async () => {
    const reader = openReader(join(directory, 'lonely'))
    try {
      const error = await failureAt(`fifo:${join(directory, 'lonely')}?reply_dir=${directory}`, short)
      expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/within 500 ms/) })
      expect(readdirSync(directory)).toEqual(['directory', 'file', 'link', 'lonely'])
    } finally {
      reader()
    }
  })

  test.skipIf(process.getuid?.() === 0)('a FIFO without permission is not allowed', async () => {
    const path = join(directory, 'lonely')
    chmodSync(path, 0o000)
    try {
      expect(await failureAt(`fifo:${path}?reply_dir=${directory}`)).toMatchObject({ code: 'refused' })
    } finally {
      chmodSync(path, 0o600)
    }
  })

  test('a reply_dir that does not exist is named', async () => {
    const reader = openReader(join(directory, 'lonely'))
    try {
      const error = await failureAt(`fifo:${join(directory, 'lonely')}?reply_dir=${directory}/no`)
      expect(error).toMatchObject({
        code: 'cannot-write',
        message: expect.stringContaining(`${directory}/no`),
      })
    } finally {
      reader()
    }
  })
})

describe('mi_datagram', () => {
  test('a UDP port that is closed is reported at once', async () => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    socket.close()
    await once(socket, 'close')
    const error = await failureAt(`udp:127.0.0.1:${port}`)
    expect(error.message).toMatch(/has nothing on that port/)
    expect(error).toBeInstanceOf(NotAsked)
  })

  test('a UDP port that is silent is given up', async () => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    expect((await failureAt(`udp:127.0.0.1:${socket.address().port}`, short)).message).toMatch(
      /within 500 ms/,
    )
    socket.close()
  })

  test('a plain text is read as the refusal that it is', async () => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    socket.on('message', (_, { port }) => socket.send('500 Internal error', port, '127.0.0.1'))
    const error = await failureAt(`udp:127.0.0.1:${socket.address().port}`)
    expect(error).toMatchObject({
      code: 'opensips-refused',
      message: expect.stringContaining('(500 Internal error)'),
    })
    socket.close()
  })

  test('a unix path without a socket is reported', async () => {
    const error = await failureAt(`unix:${join(tmpdir(), 'evi-no-such-socket')}`, {
      connectTimeout: 10_000,
      replyTimeout: 30_000,
    })
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/has no socket/) })
    expect(error).toBeInstanceOf(NotAsked)
  })

  test('a unix socket whose queue stays full is known not to have been asked', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'evi-full-')), 'mi.sock')
    const fill =
      'my $to = sockaddr_un($ARGV[0]); socket(my $mi, PF_UNIX, SOCK_DGRAM, 0); bind($mi, $to) or die; ' +
      'socket(my $s, PF_UNIX, SOCK_DGRAM, 0); 1 while defined(send($s, "x", MSG_DONTWAIT, $to)); ' +
      '$| = 1; print "full"; <STDIN>'
    const full = spawn('perl', ['-MSocket', '-e', fill, path], { stdio: ['pipe', 'pipe', 'inherit'] })
    try {
      await once(full.stdout, 'data')
      const error = await failureAt(`unix:${path}`, { connectTimeout: 8000, replyTimeout: 8000 })
      expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/fill its queue/) })
      expect(error).toBeInstanceOf(NotAsked)
    } finally {
      full.kill()
      await once(full, 'close')
      rmSync(join(path, '..'), { recursive: true })
    }
  })

  test('a unix socket that is silent may have taken the request', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'evi-silent-')), 'mi.sock')
    const listen =
      'socket(my $mi, PF_UNIX, SOCK_DGRAM, 0); bind($mi, sockaddr_un($ARGV[0])) or die; $| = 1; print "ready"; <STDIN>'
    const silent = spawn('perl', ['-MSocket', '-e', listen, path], { stdio: ['pipe', 'pipe', 'inherit'] })
    try {
      await once(silent.stdout, 'data')
      const error = await failureAt(`unix:${path}`, short)
      expect(error.message).toMatch(/within 500 ms/)
      expect(error).not.toBeInstanceOf(NotAsked)
    } finally {
      silent.kill()
      await once(silent, 'close')
      rmSync(join(path, '..'), { recursive: true })
    }
  })
})

/** Opens the FIFO to read, as OpenSIPS does, and reads nothing. @returns what closes it */
function openReader(path: string): () => void {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return () => closeSync(file)
}
