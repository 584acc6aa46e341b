import { readSocketText } from '#lib/domain/opensips/socket-text.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { LossyPublisher } from './lossy-publisher.ts'

/** An answer of the Management Interface. */
export type MiAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: string } }

interface StandInSubscriber {
  readonly key: string
  readonly printed: string
  readonly expire: number | 'never'
  /** Undefined for other transports. */
  readonly socket: Socket | undefined
  readonly publisher: LossyPublisher | undefined
}

export interface StandInOptions {
  readonly version?: string
  readonly events?: readonly string[]
}

/** What an OpenSIPS has in memory and does with it, without the transports of its Management Interface. */
export class StandIn {
  readonly version: string
  readonly #events: string[]
  /** The newest first. */
  readonly #subscribers = new Map<string, StandInSubscriber[]>()
  /** What the next raises lose without a word, as after a cut. */
  losesNext = 0
  /** How often it was asked to raise an event. */
  raised = 0
  #publishing = Promise.resolve()

  constructor({ version = '4.0.1', events = ['E_PIKE_BLOCKED', 'E_CORE_THRESHOLD'] }: StandInOptions) {
    this.version = version
    this.#events = [...events]
  }

  /** Whether the form of 3.2 and later is read. */
  get #isNew(): boolean {
    return !this.version.startsWith('3.1')
  }

  async answer(method: string, params: Record<string, unknown> = {}): Promise<MiAnswer> {
    switch (method) {
      case 'version':
        return { result: { Server: `OpenSIPS (${this.version} (x86_64/linux))` } }
      case 'which':
        return {
          result: ['version', 'which', 'events_list', 'subscribers_list', 'event_subscribe', 'raise_event'],
        }
      case 'events_list':
        return { result: { Events: this.#events.map((name, id) => ({ name, id })) } }
      case 'subscribers_list':
        return this.#list(params)
      case 'event_subscribe':
        return this.#subscribe(params)
      case 'raise_event':
        return await this.#raise(params)
      default:
        return failure(-32601, 'Method not found')
    }
  }

  /** As `subscribe_event` in the script does; the event is registered by it. */
  subscribe(event: string, socket: string): void {
    if (!this.#events.includes(event)) this.#events.push(event)
    const answer = this.#subscribe({ event, socket })
    if ('error' in answer) throw new Error(`The stand-in refuses ${socket}.`)
  }

  /** Raises the event, and resolves when the broker has closed the channel of each subscriber for it. */
  async goDeaf(event: string): Promise<void> {
    await this.#raise({ event })
    await this.#publishing
    await Promise.all((this.#subscribers.get(event) ?? []).map(({ publisher }) => publisher?.deaf))
  }

  /** OpenSIPS ends; what it has in memory is gone. */
  close(): void {
    for (const { publisher } of [...this.#subscribers.values()].flat()) publisher?.close()
    this.#subscribers.clear()
  }

  #list({ event, socket }: Record<string, unknown>): MiAnswer {
    const shown = ({ printed, expire }: StandInSubscriber) => ({ socket: printed, expire })
    const id = (name: string) => this.#events.indexOf(name)
    if (event === undefined) {
      const all = [...this.#subscribers].map(([name, list]) => ({
        name,
        id: id(name),
        Subscribers: list.map(shown),
      }))
      return { result: { Events: all } }
    }
    if (typeof event !== 'string' || !this.#events.includes(event)) return failure(404, 'Event not published')
    const list = this.#subscribers.get(event) ?? []
    // A tls_domain where event_rabbitmq has no use_tls kills OpenSIPS, also where it is only looked for.
    if (/tls_domain=/.test(String(socket))) throw new Error('OpenSIPS is dead.')
    if (socket === undefined) {
      const found = { name: event, id: id(event), Subscribers: list.map(shown) }
      return { result: { Event: list.length === 0 ? {} : found } }
    }
    const key = this.#read(String(socket))?.key
    const found = list.find((one) => one.key === key)
    if (key === undefined || found === undefined) return failure(404, 'Subscriber does not exist')
    return { result: { Event: { name: event, id: id(event), Subscriber: shown(found) } } }
  }

  #subscribe({ event, socket }: Record<string, unknown>): MiAnswer {
    if (typeof event !== 'string' || typeof socket !== 'string') return failure(-32602, 'Invalid params')
    const subscriber = this.#read(socket)
    if (!this.#events.includes(event) || subscriber === undefined) return failure(400, 'Bad parameter value')
    const list = this.#subscribers.get(event) ?? []
    // Renewed, with the password that it had.
    if (!list.some(({ key }) => key === subscriber.key)) this.#subscribers.set(event, [subscriber, ...list])
    return { result: 'OK' }
  }

  #read(text: string): StandInSubscriber | undefined {
    if (!text.startsWith('rabbitmq:')) {
      const known = /^(?:udp|tcp|unix|flatstore|virtual|route):/.test(text)
      return known
        ? { key: text, printed: text, expire: 3600, socket: undefined, publisher: undefined }
        : undefined
    }
    const reading = readSocketText(text)
    if ('refused' in reading || (this.#isNew && reading.notes.includes('old-form'))) return undefined
    const { socket } = reading
    const { hosts, user, exchange, routingKey, password } = socket
    const [{ host, port }] = hosts
    const route = exchange === '' ? routingKey : `${exchange}?${routingKey}`
    const named = !this.#isOlder('3.6') || /^rabbitmq:[^/]*@/.test(text)
    return {
      // Up to 3.4 a socket without a user is another one than that of guest.
      key: JSON.stringify([host, port, named ? user : undefined, exchange, routingKey]),
      printed: `rabbitmq:${named ? user : 'gues'}@${host}/${route}`,
      expire: 'never',
      socket,
      publisher: new LossyPublisher({
        host,
        port,
        user,
        password: typeof password === 'string' ? password : 'guest',
      }),
    }
  }

  async #raise({ event, params }: Record<string, unknown>): Promise<MiAnswer> {
    this.raised++
    if (typeof event !== 'string' || !this.#events.includes(event))
      return failure(404, 'Event not registered')
    const list = this.#subscribers.get(event) ?? []
    if (list.length === 0) return failure(480, 'Temporarily Unavailable')
    if (params !== undefined && typeof params !== 'string') return failure(400, 'No Params')
    if (typeof params === 'string' && !/^\{.+\}$/s.test(params)) return failure(400, 'Bad Params')
    const json = typeof params === 'string' ? JSON.parse(params) : undefined
    const body = Buffer.from(
      JSON.stringify({ jsonrpc: '2.0', method: event, ...(json ? { params: json } : {}) }),
    )
    if (this.losesNext > 0) {
      this.losesNext--
      return { result: 'OK' }
    }
    // The answer does not wait for it.
    this.#publishing = this.#publish(list, body)
    return { result: 'OK' }
  }

  async #publish(list: readonly StandInSubscriber[], body: Buffer): Promise<void> {
    for (const { socket, publisher } of list) {
      if (socket) await publisher?.publish(socket.exchange, socket.routingKey, body, !this.#isOlder('3.6'))
    }
  }

  #isOlder(version: string): boolean {
    return this.version < version
  }
}

function failure(code: number, message: string): MiAnswer {
  return { error: { code, message } }
}
