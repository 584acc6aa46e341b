import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Where and as whom to publish. */
export interface PublisherLogin {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** Class and method of connection.start, tune, open-ok, channel.open-ok and close. */
type Awaited = '10.10' | '10.30' | '10.41' | '20.11' | '20.40'

/**
 * Publishes as OpenSIPS does by librabbitmq: no confirms, no properties, and it never looks at what the broker says. It does not
 * notice that its channel was closed, so that it is deaf from then on; that its connection was cut it notices at the second
 * event after that.
 */
export class LossyPublisher {
  readonly #login: PublisherLogin
  #socket: Socket | undefined
  #isCut = false
  #hasLostOne = false
  /** Resolves when the broker has closed the channel, which the publisher itself does not notice. */
  deaf: Promise<void> | undefined

  constructor(login: PublisherLogin) {
    this.#login = login
  }

  async publish(exchange: string, routingKey: string, body: Buffer, mandatory: boolean): Promise<void> {
    if (this.#isCut && this.#hasLostOne) this.#socket = undefined
    if (this.#isCut && this.#socket !== undefined) {
      this.#hasLostOne = true
      return
    }
    // A login that is refused, or a broker that is down: lost, and tried again at the next event.
    this.#socket ??= await this.#open().catch(() => undefined)
    this.#socket?.write(publication(exchange, routingKey, body, mandatory))
  }

  close(): void {
    this.#socket?.destroy()
  }

  async #open(): Promise<Socket> {
    const { host, port, user, password } = this.#login
    const socket = connect(port, host).setNoDelay()
    await once(socket, 'connect')
    this.#isCut = false
    this.#hasLostOne = false
    const awaitMethod = methodsOf(socket)
    socket.write(Buffer.from('AMQP\0\0\x09\x01', 'latin1'))
    await awaitMethod('10.10')
    const properties = longText(
      Buffer.concat([shortText('product'), Buffer.from('S'), longText('rabbitmq-c')]),
    )
    const startOk = [properties, shortText('PLAIN'), longText(`\0${user}\0${password}`), shortText('en_US')]
    socket.write(method(0, 10, 11, ...startOk))
    await awaitMethod('10.30')
    socket.write(method(0, 10, 31, number(2047, 2), number(131_072, 4), number(0, 2)))
    socket.write(method(0, 10, 40, shortText('/'), shortText(''), number(0, 1)))
    await awaitMethod('10.41')
    socket.write(method(1, 20, 10, shortText('')))
    await awaitMethod('20.11')
    this.deaf = awaitMethod('20.40')
    this.deaf.catch(() => {})
    socket
      .on('error', () => {})
      .on('close', () => {
        this.#isCut = true
      })
    return socket
  }
}

/** Waits for methods in the frames that come. */
function methodsOf(socket: Socket): (wanted: Awaited) => Promise<void> {
  let bytes = Buffer.alloc(0)
  const seen = new Set<string>()
  let look = () => {}
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= 7 && bytes.length >= bytes.readUInt32BE(3) + 8) {
      const end = bytes.readUInt32BE(3) + 8
      if (bytes[0] === 1) seen.add(`${bytes.readUInt16BE(7)}.${bytes.readUInt16BE(9)}`)
      bytes = bytes.subarray(end)
    }
    look()
  })
  return async (wanted) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    look = () => {
      if (seen.has(wanted)) resolve()
    }
    socket.once('close', () => reject(new Error('closed'))).once('error', reject)
    look()
    await promise
  }
}

function publication(exchange: string, routingKey: string, body: Buffer, mandatory: boolean): Buffer {
  const publish = method(
    1,
    60,
    40,
    number(0, 2),
    shortText(exchange),
    shortText(routingKey),
    number(Number(mandatory), 1),
  )
  const header = frame(2, 1, number(60, 2), number(0, 2), number(0, 4), number(body.length, 4), number(0, 2))
  const bodies: Buffer[] = []
  for (let at = 0; at < body.length; at += 100_000) bodies.push(frame(3, 1, body.subarray(at, at + 100_000)))
  return Buffer.concat([publish, header, ...bodies])
}

function method(channel: number, classId: number, methodId: number, ...fields: Buffer[]): Buffer {
  return frame(1, channel, number(classId, 2), number(methodId, 2), ...fields)
}

function frame(type: number, channel: number, ...parts: Buffer[]): Buffer {
  const payload = Buffer.concat(parts)
  return Buffer.concat([
    number(type, 1),
    number(channel, 2),
    number(payload.length, 4),
    payload,
    number(0xce, 1),
  ])
}

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([number(bytes.length, 1), bytes])
}

function longText(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([number(bytes.length, 4), bytes])
}
