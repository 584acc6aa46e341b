import type { ClientRequest, IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { MiUrl } from '#lib/domain/opensips/mi-url.ts'
import { isBefore, type Version } from '#lib/domain/opensips/version.ts'
import { EviError, systemCode } from '#lib/errors.ts'
import { checkAddress, noAnswer, notAllowed, notAsked, notReached, tooLong } from './mi-errors.ts'
import { largestAnswer, type MiTiming, MiTransport, type Transport } from './transport.ts'

type HttpUrl = Extract<MiUrl, { transport: 'http' }>

/** httpd's `post_buf_size` by default, from 3.6 on. */
const bodySince36 = 1024
/** Before 3.6 the whole request with its headers has this limit. */
const requestBefore36 = 16_384
/** Bytes, more than evi's headers have. */
const headers = 1024

/** mi_http: a POST for each request, on a connection of its own. */
export class HttpTransport extends MiTransport<HttpUrl> implements Transport {
  /** OpenSIPS answers them one by one; the connections are made side by side. */
  readonly mostAtOnce = 8

  largestRequest(version: Version | undefined): number {
    const { largestBody } = this.mi
    if (largestBody !== undefined) return largestBody
    return version === undefined || isBefore(version, '3.6') ? requestBefore36 - headers : bodySince36
  }

  async exchange(request: string): Promise<string> {
    const watch = new Watch(this.timing)
    try {
      const response = await this.#post(request, watch)
      try {
        this.#checkStatus(response)
        const text = await this.#textOf(response)
        // What ends by being given up would look whole where it has no length.
        if (watch.signal.aborted) throw this.#late(watch)
        return text
      } finally {
        // Bodies of 202, 400 and 405 never end.
        response.destroy()
      }
    } catch (error) {
      if (error instanceof EviError) throw error
      throw watch.signal.aborted ? this.#late(watch) : this.#failure(error, watch)
    } finally {
      watch.stop()
    }
  }

  async #post(body: string, watch: Watch): Promise<IncomingMessage> {
    const { url, login } = this.mi
    const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const asked = request(
      url,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          connection: 'close',
        },
        // An agent of our own, as the global one may go by a proxy of the environment.
        agent: false,
        rejectUnauthorized: true,
        signal: watch.signal,
      },
      resolve,
    ).on('error', reject)
    watch.follow(asked, url)
    // Not among the options, which NODE_DEBUG prints.
    if (login) {
      const credentials = Buffer.from(`${login.user}:${login.password}`).toString('base64')
      asked.setHeader('authorization', `Basic ${credentials}`)
    }
    // A text, so that Node.js sends it and the headers in one write: OpenSIPS up to 3.4 closes on two.
    asked.end(body)
    return await promise
  }

  #checkStatus({ statusCode: status, headers: { location } }: IncomingMessage): void {
    if (status === 200) return
    if (status === 401 || status === 403) {
      const user = this.mi.login?.user
      const who = user === undefined ? 'it wants a login' : `it refuses the login of the user "${user}"`
      throw notAllowed(
        this.place,
        `${who} (HTTP ${status})`,
        'Give the login of httpd (auth_username, auth_password): http://USER:PASSWORD@HOST:8888/mi',
      )
    }
    if (location !== undefined)
      throw notReached(
        this.place,
        `redirects elsewhere (HTTP ${status}), and evi does not follow`,
        checkAddress,
      )
    throw notReached(this.place, `does not answer as a Management Interface (HTTP ${status})`, checkAddress)
  }

  async #textOf(response: IncomingMessage): Promise<string> {
    if (Number(response.headers['content-length'] ?? 0) > largestAnswer) throw tooLong(this.place)
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of response) {
      bytes += chunk.length
      if (bytes > largestAnswer) throw tooLong(this.place)
      chunks.push(chunk)
    }
    if (!response.complete) throw new Error('The answer was cut off.')
    return Buffer.concat(chunks).toString()
  }

  #late({ phase }: Watch): EviError {
    const { connectTimeout, replyTimeout } = this.timing
    if (phase === 'answer') return noAnswer(this.place, replyTimeout, isItRunning)
    const why =
      phase === 'name'
        ? `has a host name that does not resolve within ${replyTimeout} ms`
        : `takes no connection within ${connectTimeout} ms`
    return notAsked(this.place, why, isItRunning)
  }

  #failure(error: unknown, { isSent }: Watch): EviError {
    const code = systemCode(error) ?? systemCode((error as AggregateError).errors?.[0]) ?? ''
    const [why, hint] = reasons[code] ?? reasonFor(code)
    return (isSent ? notReached : notAsked)(this.place, why, hint, error)
  }
}

const isItRunning = 'Check that OpenSIPS runs, with mi_http loaded, and that a firewall lets this through.'

const reasons: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  ECONNREFUSED: ['refuses the connection', isItRunning],
  ENOTFOUND: ['has a host name that does not resolve', 'Check the host name.'],
  EAI_AGAIN: ['has a host name that does not resolve now', 'Check the name server, or try again.'],
  EHOSTUNREACH: ['is on a host that is not reached', isItRunning],
  ENETUNREACH: ['is in a network that is not reached', isItRunning],
  ECONNRESET: ['closes the connection without an answer', checkAddress],
  EPROTO: ['speaks no TLS', 'Write http:// in the place of https://, unless httpd is set up for TLS.'],
}

function reasonFor(code: string): readonly [why: string, hint: string] {
  if (code.startsWith('HPE_')) return ['does not speak HTTP', checkAddress]
  if (/CERT|SELF_SIGNED|ISSUER|SIGNATURE/.test(code))
    return [`has a certificate that is not trusted (${code})`, 'Trust its CA: NODE_EXTRA_CA_CERTS=FILE']
  return code === ''
    ? ['breaks its answer off', 'Try again; what OpenSIPS says of it is in its log.']
    : [`is not reached (${code})`, isItRunning]
}

/** The timeouts of one request: for the name, then for the connection, then for the answer. */
class Watch {
  readonly #controller = new AbortController()
  readonly #timing: MiTiming
  #timer: NodeJS.Timeout | undefined
  phase: 'name' | 'connect' | 'answer' = 'name'
  /** Whether something of the request may be sent, which it is not before TLS is agreed on. */
  isSent = false

  constructor(timing: MiTiming) {
    this.#timing = timing
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  follow(request: ClientRequest, { hostname, protocol }: URL): void {
    this.#enter(isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? 'name' : 'connect')
    request.once('socket', (socket) => {
      socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        this.isSent = true
      })
      socket.once('lookup', () => this.#enter('connect'))
      socket.once('connect', () => this.#enter('answer'))
    })
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #enter(phase: Watch['phase']): void {
    this.phase = phase
    clearTimeout(this.#timer)
    const { connectTimeout, replyTimeout } = this.#timing
    this.#timer = setTimeout(
      () => this.#controller.abort(),
      phase === 'connect' ? connectTimeout : replyTimeout,
    )
  }
}
