import type { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { unlessStopped } from '#lib/async/unless-aborted.ts'
import { PolledPipe } from './polled-pipe.ts'

/** Reads a stream chunk by chunk, and can stop without losing what Node has read ahead. */
export class ChunkReader {
  readonly #stream: Readable
  #change = Promise.withResolvers<void>()
  #isOver = false
  #error: Error | undefined

  constructor(stream: Readable) {
    this.#stream = stream
    const onChange = () => {
      this.#change.resolve()
      this.#change = Promise.withResolvers()
    }
    const onEnd = () => {
      this.#isOver = true
      onChange()
    }
    stream.on('readable', onChange).on('end', onEnd).on('close', onEnd)
    stream.on('error', (error) => {
      this.#error = error
      onEnd()
    })
  }

  /** The next chunk, however long it takes to come. Throws the stream's error. */
  async next(signal?: AbortSignal): Promise<Buffer | 'end' | 'stopped'> {
    while (true) {
      if (signal?.aborted) return 'stopped'
      const { promise } = this.#change
      const chunk = this.#read()
      if (chunk !== undefined) return chunk
      await (signal ? unlessStopped(signal, promise) : promise)
    }
  }

  /** The next chunk if it is there already, or can be read without waiting. Throws the stream's error. */
  async atOnce(): Promise<Buffer | 'end' | 'stopped'> {
    const chunk = this.#read()
    if (chunk !== undefined) return chunk
    // Node looks at its pipes between two of these.
    await setImmediate()
    await setImmediate()
    return this.#read() ?? 'stopped'
  }

  /** Stops reading. Returns what Node has read ahead; all else is left to the next reader of the pipe. */
  stop(): Buffer {
    if (this.#stream instanceof PolledPipe) this.#stream.stop()
    const { _handle: handle } = this.#stream as { _handle?: { readStop?(): void } }
    // Not the stream's own pause, which takes effect later.
    handle?.readStop?.()
    const chunks: Buffer[] = []
    while (true) {
      const chunk: Buffer | null = this.#stream.read()
      if (chunk === null) return Buffer.concat(chunks)
      chunks.push(chunk)
    }
  }

  #read(): Buffer | 'end' | undefined {
    const chunk: Buffer | null = this.#stream.read()
    if (chunk !== null) return chunk
    if (this.#error) throw this.#error
    return this.#isOver ? 'end' : undefined
  }
}
