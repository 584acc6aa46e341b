import type { Socket as TcpSocket } from 'node:net'
import type { ChannelModel } from 'amqplib'
import { withDeadline } from '#lib/async/deadline.ts'
import { leaveSlot } from '#lib/broker/connect/connection-slots.ts'
import { lossError, protocolViolation } from '#lib/broker/errors/amqp-errors.ts'
import { redactBrokerText } from '#lib/broker/errors/reply-text.ts'
import { insideOf } from '#lib/broker/wire/amqplib-internals.ts'
import { failureOf, type PublishFailure } from '#lib/domain/failure/failure.ts'
import type { Host } from '#lib/domain/socket/socket.ts'
import { ConnectionFull, EviError } from '#lib/errors.ts'

interface LifeOptions {
  readonly host: Host
  /** Milliseconds. */
  readonly replyTimeout: number
}

/** What becomes of a connection: the ways in which it ends are brought to one, `lost`; and whether the broker blocks publishers. */
export class ConnectionLife {
  readonly lost: Promise<EviError | undefined>
  /** Resolves with the reason when the broker blocks publishers for the first time. */
  readonly firstBlocked: Promise<string>
  readonly #model: ChannelModel
  readonly #options: LifeOptions
  readonly #end: (reason: EviError | undefined) => void
  #blocked: string | undefined
  #isSilent = false
  #watchdog: (() => void) | undefined

  constructor(model: ChannelModel, options: LifeOptions) {
    this.#model = model
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<EviError | undefined>()
    this.lost = promise
    this.#end = resolve
    let failure: unknown
    model.on('error', (error) => {
      failure = error
    })
    model.on('close', (error) => {
      const reason = error ?? failure
      // amqplib only ends its own half, and would leave the rest to the broker.
      this.stream.destroySoon()
      resolve(reason ? lossError(reason, options.host) : undefined)
    })
    // It was closed before the listeners were there, as by a close right behind the opening: amqplib emits nothing more.
    if (this.stream.writableEnded || this.stream.destroyed) this.destroy('it was closed at once')
    const blocking = Promise.withResolvers<string>()
    this.firstBlocked = blocking.promise
    this.onBlocked((reason) => {
      this.#blocked = reason
      if (reason !== undefined) blocking.resolve(reason)
    })
  }

  get stream(): TcpSocket {
    return insideOf(this.#model).stream
  }

  /** Why the broker blocks publishers, while it does. */
  get blocked(): string | undefined {
    return this.#blocked
  }

  /** Calls the listener whenever the broker starts to block publishers, with its reason, and when it stops. */
  onBlocked(listener: (reason: string | undefined) => void): void {
    this.#model.on('blocked', (reason) => listener(redactBrokerText(reason)))
    this.#model.on('unblocked', () => listener(undefined))
  }

  /** The broker kept a request waiting for too long: the connection is closed without waiting for it again. */
  keptWaiting(): void {
    this.#isSilent = true
  }

  /** Starts a watchdog, unless there is one. @param start returns what ends it */
  watch(start: () => () => void): void {
    this.#watchdog ??= start()
  }

  /** The result of work on a channel, which knows only that its connection is gone; the connection has the broker's reason. */
  async orReasonOfLoss<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      if (error instanceof EviError && error.code === 'timeout') this.keptWaiting()
      if (!(error instanceof EviError) || error.code !== 'unreachable' || error instanceof ConnectionFull)
        throw error
      await this.#seeItGo()
      throw (await this.lost) ?? error
    }
  }

  /** Why the connection is gone, for a failure of a channel that knows only that it is. */
  async explain(failure: PublishFailure): Promise<PublishFailure> {
    await this.#seeItGo()
    const lost = await this.lost
    return lost ? failureOf(lost) : failure
  }

  /** A channel that ended as if the connection were gone, while that stays, is its broker's fault. */
  async #seeItGo(): Promise<void> {
    if ((await withDeadline(this.lost, this.#options.replyTimeout)) === 'late')
      this.destroy(protocolViolation)
  }

  /** Ends a connection that is of no use any more, and closes it in order. */
  end(reason: EviError): void {
    this.#end(reason)
    void this.close()
  }

  async close(): Promise<void> {
    this.#watchdog?.()
    void this.lost.then(leaveSlot())
    const closing = this.#model.close().catch(() => {})
    const closed = await withDeadline(closing, this.#isSilent ? 0 : this.#options.replyTimeout)
    if (closed === 'late') this.destroy('it did not answer the close')
  }

  /** Cuts the connection at once. @param reason what is wrong with it, as the end of a sentence */
  destroy(reason: string | EviError): void {
    const failure = typeof reason === 'string' ? new EviError('unreachable', reason) : reason
    // amqplib hears of an error, and not of a stream that just ends.
    this.stream.destroy(failure)
    // A stream that is destroyed already emits nothing more; `close` comes first where it comes at all.
    setImmediate(() => this.#end(lossError(failure, this.#options.host)))
  }
}
