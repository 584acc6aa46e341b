import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { withDeadline } from '#lib/async/deadline.ts'
import type { MiUrl } from '#lib/domain/opensips/mi-url.ts'
import { EviError, systemCode } from '#lib/errors.ts'
import { noAnswer, notAsked } from './mi-errors.ts'
import { largestDatagram, MiTransport, type Transport } from './transport.ts'

type UdpUrl = Extract<MiUrl, { transport: 'udp' }>

/** mi_datagram on UDP: a datagram each way, on a connected socket, which learns of a port that is closed. */
export class UdpTransport extends MiTransport<UdpUrl> implements Transport {
  /** A datagram too many is lost without a word. */
  readonly mostAtOnce = 1

  largestRequest(): number {
    return largestDatagram
  }

  async exchange(request: string): Promise<string> {
    const { replyTimeout } = this.timing
    try {
      const found = await withDeadline(lookup(this.mi.host), replyTimeout)
      if (found === 'late') throw notAsked(this.place, 'has a host name that does not resolve', checkName)
      const socket = createSocket(found.family === 6 ? 'udp6' : 'udp4')
      try {
        const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
        socket.on('message', resolve).on('error', reject)
        socket.connect(this.mi.port, found.address, () => socket.send(request))
        const answer = await withDeadline(promise, replyTimeout)
        if (answer === 'late') throw noAnswer(this.place, replyTimeout, checkPort)
        return answer.toString()
      } finally {
        socket.close()
      }
    } catch (error) {
      throw error instanceof EviError ? error : this.#failure(error)
    }
  }

  #failure(error: unknown): EviError {
    const code = systemCode(error) ?? ''
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      return notAsked(this.place, 'has a host name that does not resolve', checkName, error)
    const why = code === 'ECONNREFUSED' ? 'has nothing on that port' : `is not reached (${code})`
    return notAsked(this.place, why, checkPort, error)
  }
}

const checkName = 'Check the host name.'
const checkPort =
  'Check that OpenSIPS runs with mi_datagram on that port (socket_name "udp:IP:PORT"); a datagram may also be lost.'
