import { type MiUrl, printMiUrl } from '#lib/domain/opensips/mi-url.ts'
import { readServerVersion, type ServerVersion } from '#lib/domain/opensips/server-version.ts'
import type { Subscriber } from '#lib/domain/opensips/subscriber.ts'
import { EviError } from '#lib/errors.ts'
import { notMi, notOwnAnswer } from './mi-errors.ts'
import type { EventSubscribers, OpenSips } from './opensips.ts'
import { type MiError, readEnvelope, readers } from './replies.ts'
import type { MiTiming, Transport } from './transport.ts'

/** The Management Interface of an OpenSIPS by JSON-RPC. The commands have the names that all versions know. */
class MiClient implements OpenSips {
  readonly printed: string
  readonly #transport: Transport
  #version: ServerVersion | undefined

  constructor(mi: MiUrl, transport: Transport) {
    this.printed = printMiUrl(mi)
    this.#transport = transport
  }

  get mostAtOnce(): number {
    return this.#transport.mostAtOnce
  }

  async version(): Promise<ServerVersion> {
    this.#version = readServerVersion(await this.#ask('version', undefined, readers.version))
    return this.#version
  }

  async events(): Promise<readonly string[]> {
    return await this.#ask('events_list', undefined, readers.events)
  }

  async allSubscribers(): Promise<readonly EventSubscribers[]> {
    return await this.#ask('subscribers_list', undefined, readers.allSubscribers)
  }

  async subscribers(event: string): Promise<readonly Subscriber[] | undefined> {
    const absent = ({ code, message }: MiError) => code === 404 && message === 'Event not published'
    return await this.#ask('subscribers_list', { event }, readers.subscribers, absent)
  }

  async hasSubscriber(event: string, socket: string): Promise<boolean> {
    const absent = ({ code }: MiError) => code === 404
    return (await this.#ask('subscribers_list', { event, socket }, readers.subscriber, absent)) ?? false
  }

  async subscribe(event: string, socket: string): Promise<void> {
    await this.#learnVersion()
    await this.#ask('event_subscribe', { event, socket }, readers.ok)
  }

  async raise(event: string, params: string | undefined): Promise<void> {
    await this.#learnVersion()
    await this.#ask('raise_event', params === undefined ? { event } : { event, params }, readers.ok)
  }

  async commands(): Promise<readonly string[]> {
    return await this.#ask('which', undefined, readers.commands)
  }

  /** The largest request depends on it. */
  async #learnVersion(): Promise<void> {
    if (this.#version === undefined) await this.version()
  }

  async #ask<T>(method: string, params: Params, read: (result: unknown) => T | undefined): Promise<T>
  async #ask<T>(
    method: string,
    params: Params,
    read: (result: unknown) => T | undefined,
    isAbsent: (error: MiError) => boolean,
  ): Promise<T | undefined>
  async #ask<T>(
    method: string,
    params: Params,
    read: (result: unknown) => T | undefined,
    isAbsent = (_error: MiError) => false,
  ): Promise<T | undefined> {
    const request = JSON.stringify({ jsonrpc: '2.0', id: requestId, method, params })
    this.#checkSize(Buffer.byteLength(request))
    const answer = await this.#transport.exchange(request)
    const envelope = readEnvelope(answer, requestId)
    if (envelope === undefined) throw notMi(this.printed, answer)
    if ('otherId' in envelope) throw notOwnAnswer(this.printed, envelope.otherId)
    if ('error' in envelope) {
      if (isAbsent(envelope.error)) return undefined
      throw refusal(this.printed, method, params?.event, envelope.error)
    }
    const result = read(envelope.result)
    if (result === undefined) throw notMi(this.printed, answer)
    return result
  }

  #checkSize(bytes: number): void {
    const limit = this.#transport.largestRequest(this.#version)
    if (bytes <= limit) return
    throw new EviError(
      'data',
      `The request has ${bytes} bytes, more than the ${limit} that OpenSIPS at ${this.printed} takes.`,
      {
        hint: 'Send less, or ask by another transport: a unix or udp socket of mi_datagram takes 65457 bytes.\nWhere httpd has a larger post_buf_size, say so in the address: http://HOST:8888/mi?post_buf_size=BYTES',
      },
    )
  }
}

/** A connection, a reply FIFO or a client socket of its own carries each request, so one id does for all. */
const requestId = 1

type Params = Readonly<Record<string, string>> | undefined

function refusal(place: string, method: string, event: string | undefined, error: MiError): EviError {
  const { code, message, data } = error
  if (method === 'raise_event' && event !== undefined) {
    if (code === 480 && message === 'Temporarily Unavailable') return noSubscriber(place, event)
    if (code === 404 && message === 'Event not registered') return unknownEvent(place, event)
  }
  const detail = data === undefined ? '' : `: ${data}`
  return new EviError(
    'opensips-refused',
    `OpenSIPS at ${place} refuses ${method} (${code} ${message}${detail}).`,
    { hint: hintFor(method, error, place) },
  )
}

function hintFor(method: string, { code }: MiError, place: string): string {
  if (code === -32601) return 'Its MI has no such command; see those that it has: opensips-cli -x mi which'
  if (code === 500 && /^(?:unix|udp):/.test(place))
    return 'A long answer does not fit into a datagram: ask by mi_http or mi_fifo.'
  if (method === 'event_subscribe')
    return 'OpenSIPS takes an event that it knows and a socket in the form of its version: evi export'
  return 'What OpenSIPS says of it is in its log.'
}

function noSubscriber(place: string, event: string): EviError {
  return new EviError('no-subscriber', `${event} has no subscriber in OpenSIPS at ${place}.`, {
    hint: 'Subscribe it in opensips.cfg, as evi export writes it.',
  })
}

function unknownEvent(place: string, event: string): EviError {
  return new EviError('not-found', `OpenSIPS at ${place} does not know the event ${event}.`, {
    hint: 'Load the module that raises it, or subscribe it in opensips.cfg, which registers it. Names are case-sensitive.',
  })
}

/** The client for the address, its transport loaded when it is needed. */
export async function openMi(mi: MiUrl, timing: MiTiming): Promise<OpenSips> {
  return new MiClient(mi, await transportFor(mi, timing))
}

async function transportFor(mi: MiUrl, timing: MiTiming): Promise<Transport> {
  switch (mi.transport) {
    case 'http':
      return new (await import('./http-transport.ts')).HttpTransport(mi, timing)
    case 'fifo':
      return new (await import('./fifo-transport.ts')).FifoTransport(mi, timing)
    case 'unix':
      return new (await import('./unix-transport.ts')).UnixTransport(mi, timing)
    case 'udp':
      return new (await import('./udp-transport.ts')).UdpTransport(mi, timing)
  }
}
