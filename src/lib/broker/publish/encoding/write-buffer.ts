import type { Duplex } from 'node:stream'
import type { MessageEncoder } from './message-encoder.ts'

/** Bytes that are gathered for one write; a write for each message costs half of a stream's speed. */
const size = 64 * 1024

/** Gathers messages and writes them straight to the connection's stream, beside amqplib, in few large writes. */
export class WriteBuffer {
  readonly #stream: Duplex
  #bytes = Buffer.alloc(0)
  #written = 0
  #end = 0

  constructor(stream: Duplex) {
    this.#stream = stream
  }

  /** The stream takes no more for now. */
  get congested(): boolean {
    return this.#stream.writableNeedDrain
  }

  add(encoder: MessageEncoder, channel: number, body: Buffer): void {
    const length = encoder.lengthOf(body.length)
    if (this.#end + length > this.#bytes.length) {
      this.flush()
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(size, length))
      this.#written = 0
      this.#end = 0
    }
    this.#end = encoder.write(channel, body, this.#bytes, this.#end)
  }

  flush(): void {
    if (this.#end === this.#written) return
    // What was handed over must not change any more, so the rest of the buffer is for the next messages.
    this.#stream.write(this.#bytes.subarray(this.#written, this.#end))
    this.#written = this.#end
  }

  /** Resolves when the stream takes more, or nothing any more. */
  async drained(): Promise<void> {
    if (!this.congested) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stream.on('drain', resolve).on('close', resolve)
    await promise
    this.#stream.off('drain', resolve).off('close', resolve)
  }
}
