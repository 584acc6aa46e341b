import type { BrokerConnection, Consumer, ConsumerRequest, WatchMode } from '#lib/broker/broker.ts'
import { harmlesslyWatched, type WatchedPlace } from '#lib/domain/failure/permissions.ts'
import type { BindingArguments } from '#lib/domain/routing/copying.ts'
import { printAddress, printAnswered, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError, PermissionMissing } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import type { SubscribedSocket, TailRequest, Watched } from './tail-request.ts'

/** Of what was watched, a lock may be that of evi's own lost connection, and a missing exchange may be made again. */
const recoverWatched: ReadonlySet<ErrorCode> = new Set(['queue-locked', 'no-exchange'])

/** When it was last watched, and on which host. */
interface Loss {
  readonly at: number
  readonly host: string
}

/** One of the sockets to watch, over all the connections that it needs. */
export class WatchedSocket {
  readonly socket: Socket
  readonly events: readonly string[]
  /** Printed, as it is. */
  readonly printed: string
  /** Whether its consumer is open. */
  open = false
  readonly #request: TailRequest
  /** Until all are announced, messages wait. */
  readonly #announced: Promise<void>
  /** A stream's mode moves on with each message, for the case that the connection is lost. */
  #mode: WatchMode | undefined
  /** Since when it is not watched any more, and on which host it was. */
  #lost: Loss | undefined
  /** The same before its consumer was opened. */
  #lostBefore: Loss | undefined
  #host = ''
  /** Its queue is known to be there. */
  #isThere = false

  constructor({ socket, events }: SubscribedSocket, request: TailRequest, announced: Promise<void>) {
    this.socket = socket
    this.events = events
    this.printed = printSocket(socket)
    this.#request = request
    this.#announced = announced
    this.#mode = request.mode
  }

  /** Whether it was watched before. */
  get wasWatched(): boolean {
    return this.#lost !== undefined
  }

  /** Whether it gets copies of what goes through a named exchange. */
  get isCopied(): boolean {
    return this.#mode === undefined && this.socket.exchange !== ''
  }

  /** It, and how it is watched; on the default exchange a queue of evi's own is needed where none is known to be there. */
  get place(): WatchedPlace {
    const { socket } = this
    const mode = this.#mode
    if (mode === 'firehose') return { socket, by: mode }
    if (this.isCopied) {
      const { bindingKey = socket.routingKey } = this.#request
      return harmlesslyWatched({ ...socket, routingKey: bindingKey })
    }
    return harmlesslyWatched(socket, typeof mode === 'object' || this.#isThere)
  }

  /** @throws EviError why it cannot be watched */
  async watch(
    connection: BrokerConnection,
    bindingArguments: BindingArguments | undefined,
  ): Promise<Watched> {
    const resumed = this.#nextOffset !== undefined
    const { kind, from } = await this.#openConsumer(connection, bindingArguments)
    if (typeof this.#mode === 'object' && 'last' in this.#mode && from !== undefined) this.#mode = { from }
    // Should it be gone when the connection is made again, evi must not stand in for it.
    if (kind === 'stream') this.#mode ??= { from: 'next' }
    // A look at a queue whose node is down gets no answer, its declaration does (RabbitMQ 4).
    if (kind === 'stand-in') this.#mode = 'stand-in'
    return { ...this.opened(connection, kind), resumed }
  }

  /** A consumer is open that brings its messages. */
  opened(connection: BrokerConnection, kind: Consumer['kind']): Watched {
    const { socket } = this
    const gapMs = this.#lost && performance.now() - this.#lost.at
    this.#lostBefore = this.#lost
    this.#lost = undefined
    this.#host = printAddress(connection.host)
    this.open = true
    const answered = printAnswered(socket, connection.host)
    return { requested: this.printed, socket: answered, vhost: socket.vhost, kind, resumed: false, gapMs }
  }

  /** Whether it may be watched later: as the broker's reply says, or as it may be with what was watched before. */
  mayRecoverFrom(error: EviError): boolean {
    return recoverWatched.has(error.code) ? this.wasWatched : error.transient
  }

  /** Keeps what the broker's refusal says of the queue. */
  learnFrom(error: EviError): void {
    if (error instanceof PermissionMissing && error.permission.isToRead) this.#isThere = true
  }

  /** @param silentMs how long nothing had come any more when that was noticed */
  lose(silentMs: number): void {
    if (this.open) this.#lost = { at: performance.now() - silentMs, host: this.#host }
    this.open = false
  }

  /** Its connection goes before it is said that it is watched. */
  withdraw(): void {
    this.#lost = this.#lostBefore
    this.open = false
  }

  async #openConsumer(
    connection: BrokerConnection,
    bindingArguments: BindingArguments | undefined,
  ): Promise<Consumer> {
    try {
      return await connection.openConsumer(this.#consumerRequest(bindingArguments))
    } catch (error) {
      const locked = error instanceof EviError && error.code === 'queue-locked'
      throw locked && this.#lost ? this.#leftBehind(this.#lost.host, error) : error
    }
  }

  #leftBehind(host: string, cause: EviError): EviError {
    return new EviError(
      'queue-locked',
      `The queue "${this.socket.routingKey}" is evi's own, left behind on ${host}, until that node is back or notices that evi is gone.`,
      { cause },
    )
  }

  #consumerRequest(bindingArguments: BindingArguments | undefined): ConsumerRequest {
    const { bindingKey, prefetch, listener } = this.#request
    return {
      socket: this.socket,
      mode: this.#mode,
      bindingKey,
      bindingArguments,
      prefetch,
      onMessages: async (received) => {
        await this.#announced
        // The lost connection's last messages may still wait for the listener.
        const messages = received.filter(({ offset }) => !this.#wasSeen(offset))
        const offset = messages.at(-1)?.offset
        if (offset !== undefined) this.#mode = { from: offset + 1 }
        await listener.messages([{ socket: this.printed, time: new Date(), messages }])
      },
      onOverflow: (limit) => listener.overflow(this.printed, limit),
    }
  }

  #wasSeen(offset: number | undefined): boolean {
    const next = this.#nextOffset
    return offset !== undefined && next !== undefined && offset < next
  }

  /** Of a stream of which something was read, or that was asked for from an offset on. */
  get #nextOffset(): number | undefined {
    const mode = this.#mode
    return typeof mode === 'object' && 'from' in mode && typeof mode.from === 'number' ? mode.from : undefined
  }
}
