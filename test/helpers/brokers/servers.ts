import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as dial } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { method, short, shortText } from './broken-broker.ts'
import { type LocalServer, serve } from './local-server.ts'
import { testBroker } from './sandbox.ts'

/** A way to the test broker that can be cut. */
export async function proxy(port = 0): Promise<LocalServer> {
  return await serve((connection) => {
    const upstream = dial(testBroker.port, testBroker.host)
    upstream.on('error', () => connection.destroy()).on('close', () => connection.destroy())
    connection.on('close', () => upstream.destroy())
    connection.pipe(upstream).pipe(connection)
  }, port)
}

export interface FreezableProxy extends LocalServer {
  /** From now on the connections that there are stay open and carry nothing, as behind a firewall that has forgotten them. */
  freeze(): void
}

/** A way to the test broker that can go dead without a word. */
export async function freezableProxy(): Promise<FreezableProxy> {
  let freezes = 0
  const server = await serve((connection) => {
    const before = freezes
    const upstream = dial(testBroker.port, testBroker.host)
    upstream.on('error', () => {}).on('close', () => connection.destroy())
    connection.on('error', () => {}).on('close', () => upstream.destroy())
    const carry = (from: typeof connection, to: typeof connection) =>
      from.on('data', (chunk) => {
        if (freezes === before) to.write(chunk)
      })
    carry(connection, upstream)
    carry(upstream, connection)
  })
  const freeze = () => {
    freezes++
  }
  return { ...server, freeze }
}

/** A way to the test broker whose answers come in pieces of those lengths, again and again. */
export async function piecemealProxy(lengths: readonly number[]): Promise<LocalServer> {
  return await serve(async (connection) => {
    const upstream = dial(testBroker.port, testBroker.host).on('error', () => connection.destroy())
    connection
      .setNoDelay()
      .on('close', () => upstream.destroy())
      .pipe(upstream)
    let pieces = 0
    upstream.on('data', async (chunk: Buffer) => {
      upstream.pause()
      for (let at = 0; at < chunk.length; ) {
        const length = lengths[pieces++ % lengths.length] as number
        connection.write(chunk.subarray(at, at + length))
        at += length
        await setImmediate()
      }
      upstream.resume()
    })
  })
}

/** AMQP's methods by class and number, as they are in a frame. */
export const methods = {
  openChannel: Buffer.from([0, 20, 0, 10]),
  declareQueue: Buffer.from([0, 50, 0, 10]),
  publish: Buffer.from([0, 60, 0, 40]),
} as const

/** A way to the test broker on which some connections, counted from 1, end as they open a channel. */
export async function proxyWithoutChannels(connections: readonly number[]): Promise<LocalServer> {
  let count = 0
  return await serve((connection) => {
    const doomed = connections.includes(++count)
    const upstream = dial(testBroker.port, testBroker.host).on('error', () => connection.destroy())
    connection.on('close', () => upstream.destroy())
    upstream.on('close', () => connection.destroy()).pipe(connection)
    connection.on('data', (chunk) => {
      if (doomed && chunk.includes(methods.openChannel)) connection.destroy()
      else upstream.write(chunk)
    })
  })
}

export interface SwallowingProxy extends LocalServer {
  /** Resolves when something is swallowed. */
  readonly swallowed: Promise<void>
  /** The queues that the broker gave a name of its own. */
  readonly queues: ReadonlySet<string>
}

/** A way to the test broker on which everything ends with the first message, or the first use of another method. */
export async function swallowingProxy(method: Buffer = methods.publish): Promise<SwallowingProxy> {
  const { promise: swallowed, resolve } = Promise.withResolvers<void>()
  const queues = new Set<string>()
  const server = await serve((connection) => {
    const upstream = dial(testBroker.port, testBroker.host).on('error', () => {})
    connection.on('close', () => upstream.destroy())
    upstream.pipe(connection)
    upstream.on('data', (chunk: Buffer) => {
      for (const [name] of chunk.toString('latin1').matchAll(/amq\.gen-[\w-]{22}/g)) queues.add(name)
    })
    connection.on('data', (chunk) => {
      if (chunk.includes(method)) {
        connection.removeAllListeners('data').resume()
        resolve()
      } else upstream.write(chunk)
    })
  })
  return { ...server, swallowed, queues }
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await serve(() => {})
  await server.close()
  return server.port
}

/** A port that does not even refuse, as behind a firewall: its listener sleeps and its backlog is full. */
export async function mutePort(): Promise<LocalServer> {
  const listen =
    "net.createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })"
  const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  const port = Number(line)
  child.kill('SIGSTOP')
  const filling = [1, 2, 3].map(() => dial(port, '127.0.0.1').on('error', () => {}))
  await Promise.all(filling.slice(0, 2).map((connection) => once(connection, 'connect')))
  return {
    port,
    cut: () => {},
    close: async () => {
      for (const connection of filling) connection.destroy()
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** AMQP's answers by class and number, as they are in a frame. */
const answers = {
  openConnection: Buffer.from([0, 10, 0, 41]),
  confirmSelect: Buffer.from([0, 85, 0, 11]),
} as const

/** `connection.close` of a broker that shuts down. */
function closeConnection(): Buffer {
  const text = Buffer.from('CONNECTION_FORCED - broker forced connection closure')
  const arguments_ = Buffer.from([0, 10, 0, 50, 0x01, 0x40, text.length])
  const payload = Buffer.concat([arguments_, text, Buffer.from([0, 0, 0, 0])])
  return Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, payload.length]), payload, Buffer.from([0xce])])
}

/** A way to the test broker on which the first connections are closed in order, in one write with an answer. */
export async function closingProxy(
  answer: keyof typeof answers,
  closings: number,
): Promise<LocalServer & { readonly count: () => number }> {
  let count = 0
  const server = await serve((connection) => {
    const isClosing = count < closings
    const upstream = dial(testBroker.port, testBroker.host).on('error', () => connection.destroy())
    connection.on('close', () => upstream.destroy()).pipe(upstream)
    upstream.on('close', () => connection.end())
    upstream.on('data', (chunk: Buffer) => {
      if (!isClosing || !chunk.includes(answers[answer])) return connection.write(chunk)
      count++
      connection.end(Buffer.concat([chunk, closeConnection()]))
      return upstream.destroy()
    })
  })
  return { ...server, count: () => count }
}

export interface OneSidedProxy extends LocalServer {
  /** The broker notices the cut connections. */
  release(): void
}

/** A way to a broker that does not notice when the clients' connections are cut, as where a network fails. */
export async function oneSidedProxy(brokerPort: number, port = 0): Promise<OneSidedProxy> {
  const upstreams = new Set<ReturnType<typeof dial>>()
  const server = await serve((connection) => {
    const upstream = dial(brokerPort, '127.0.0.1')
    upstreams.add(upstream)
    upstream.on('error', () => {}).on('close', () => connection.destroy())
    connection.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk) => connection.write(chunk))
  }, port)
  const release = () => {
    for (const upstream of upstreams) upstream.destroy()
    upstreams.clear()
  }
  return {
    ...server,
    release,
    close: async () => {
      release()
      await server.close()
    },
  }
}

/** A way to the test broker whose first connection is closed for the user's limit of channels, at its second channel. */
export async function proxyThatCountsClosedChannels(): Promise<LocalServer> {
  const reason = `NOT_ALLOWED - number of channels opened for user 'guest' has reached the maximum allowed user limit of (1)`
  const close = method(0, 'close', short(530), shortText(reason), short(20), short(10))
  let connections = 0
  return await serve((connection) => {
    const isCounted = ++connections === 1
    const upstream = dial(testBroker.port, testBroker.host).on('error', () => connection.destroy())
    connection.on('close', () => upstream.destroy())
    upstream.on('close', () => connection.end()).pipe(connection, { end: false })
    let channels = 0
    connection.on('data', (chunk) => {
      if (!isCounted || !chunk.includes(methods.openChannel) || ++channels === 1) upstream.write(chunk)
      else {
        upstream.unpipe(connection)
        connection.end(close)
      }
    })
  })
}
