import type { Socket as TcpSocket } from 'node:net'
import { millisecondsSince } from '#lib/async/milliseconds-since.ts'
import type { Stage } from '#lib/broker/broker.ts'
import { handshakeError } from '#lib/broker/errors/login-errors.ts'
import { timeoutError } from '#lib/broker/errors/network-errors.ts'
import { redactBrokerText } from '#lib/broker/errors/reply-text.ts'
import { isTlsAlert, isTlsFailure } from '#lib/broker/errors/tls-errors.ts'
import { serverProperty } from '#lib/broker/wire/server-properties.ts'
import { hasClientCertificate } from '#lib/domain/socket/tls-domain.ts'
import { EviError } from '#lib/errors.ts'
import { shortStringLimit } from '#lib/text/characters.ts'
import { tokenExpiry } from '#lib/text/token-expiry.ts'
import { type HandshakeWatch, type HandshakeWord, watchHandshake } from './handshake-frames.ts'
import type { ConnectRequest, Reached } from './reach.ts'

/** The steps of the handshake, and the word of the broker's that ends each. */
const steps: readonly (readonly [Stage['step'], HandshakeWord])[] = [
  ['amqp', 'start'],
  ['login', 'tune'],
  ['vhost', 'open-ok'],
]

/** Reports the progress of a handshake, and ends one that stalls. */
export class HandshakeProgress {
  /** Resolves with the broker's first word. */
  readonly greeted: Promise<void>
  readonly #greet: () => void
  readonly #reached: Reached
  readonly #request: ConnectRequest
  readonly #watch: HandshakeWatch
  readonly #silent = Promise.withResolvers<never>()
  #done = 0
  #since: number
  #timer: NodeJS.Timeout

  constructor(reached: Reached, request: ConnectRequest) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.greeted = promise
    this.#greet = resolve
    this.#reached = reached
    this.#since = reached.asked
    this.#request = request
    this.#timer = this.#wait()
    this.#watch = watchHandshake(reached.stream, (word) => this.#hear(word))
  }

  /** What the handshake comes to. @throws EviError `unreachable` or `refused`; the stream is closed then */
  async until<T>(handshake: () => Promise<T>): Promise<T> {
    const { errored } = this.#reached.stream
    try {
      // Before anything listened to it.
      if (errored) throw errored
      return await Promise.race([handshake(), this.#silent.promise])
    } catch (error) {
      throw await this.#fail(error)
    } finally {
      clearTimeout(this.#timer)
      this.#watch.stop()
    }
  }

  get #step(): Stage['step'] {
    return steps[this.#done]?.[0] ?? 'vhost'
  }

  #wait(): NodeJS.Timeout {
    const milliseconds = this.#request.timing.replyTimeout
    const giveUp = () =>
      this.#silent.reject(timeoutError({ host: this.#reached.host, step: this.#step, milliseconds }))
    return setTimeout(giveUp, milliseconds)
  }

  #hear(word: HandshakeWord): void {
    if (word !== steps[this.#done]?.[1]) return
    if (word === 'start') this.#tellOfTls()
    this.#report(this.#factsOf(word))
    this.#done++
    clearTimeout(this.#timer)
    this.#timer = this.#wait()
    this.#greet()
  }

  #factsOf(word: HandshakeWord): Partial<Stage> {
    if (word === 'tune') return { mechanism: mechanismOf(this.#request) }
    if (word !== 'start') return {}
    const [product, release] = ['product', 'version'].map((name) =>
      serverProperty(this.#watch.firstBytes(), name),
    )
    const name = [product ?? 'AMQP 0-9-1', release].filter(Boolean).join(' ')
    return { broker: redactBrokerText(name).slice(0, shortStringLimit) }
  }

  async #fail(error: unknown): Promise<Error> {
    const { host, stream } = this.#reached
    const firstBytes = this.#watch.firstBytes()
    const speaksTls = await this.#speaksTls(error, firstBytes)
    const failure = handshakeError(error, {
      host,
      socket: this.#request.socket,
      tlsDomain: this.#request.credentials.tlsDomain,
      step: this.#step,
      reply: this.#watch.closing(),
      firstBytes,
      remote: await isRemote(stream),
      secretBytes: Buffer.byteLength(this.#request.credentials.password),
      tokenExpiry: tokenExpiry(this.#request.credentials.password),
      speaksTls,
    })
    stream.destroy()
    if (this.#step === 'amqp' && (isTlsFailure(error) || speaksTls)) {
      this.#report({ step: 'tls', failure })
      return failure
    }
    if (this.#step === 'amqp') this.#tellOfTls()
    this.#report({ failure })
    return failure
  }

  /** Whether TLS is spoken where plain AMQP got no word: some TLS ports send no alert, and only close. */
  async #speaksTls(error: unknown, firstBytes: Buffer): Promise<boolean> {
    const { host } = this.#reached
    const { credentials, timing } = this.#request
    if (isTlsAlert(firstBytes)) return true
    const isCut = firstBytes.length === 0 && !(error instanceof EviError)
    if (this.#step !== 'amqp' || credentials.tlsDomain || !isCut) return false
    const { answersTls } = await import('./probe-tls.ts')
    return await answersTls(host, timing)
  }

  #tellOfTls(): void {
    if (this.#reached.secured) this.#request.observe(this.#reached.secured)
  }

  #report(facts: Partial<Stage>): void {
    const ms = millisecondsSince(this.#since)
    this.#request.observe({ host: this.#reached.host, step: this.#step, ms, ...facts })
    this.#since = performance.now()
  }
}

/** A client certificate is the login where no user is named. */
export function mechanismOf({ socket, credentials }: ConnectRequest): 'PLAIN' | 'EXTERNAL' {
  const { tlsDomain } = credentials
  return socket.anonymous && tlsDomain && hasClientCertificate(tlsDomain) ? 'EXTERNAL' : 'PLAIN'
}

async function isRemote({ remoteAddress }: TcpSocket): Promise<boolean> {
  if (remoteAddress === undefined) return false
  const { Networks } = await import('#lib/text/networks.ts')
  return !new Networks(['127.0.0.0/8', '::1']).has(remoteAddress)
}
