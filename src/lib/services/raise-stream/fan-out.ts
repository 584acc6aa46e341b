import type { Socket } from '#lib/domain/socket/socket.ts'

/** A message for several sockets, a part of them at a time. */
export class FanOut<M> {
  readonly #message: M
  readonly #sockets: readonly Socket[]
  #next = 0

  constructor(message: M, sockets: readonly Socket[]) {
    this.#message = message
    this.#sockets = sockets
  }

  get isDone(): boolean {
    return this.#next >= this.#sockets.length
  }

  /** Takes the message to the next sockets, until it must stop or all have it. */
  run(take: (message: M, socket: Socket) => void, mustStop: () => boolean): void {
    while (this.#next < this.#sockets.length && !mustStop())
      take(this.#message, this.#sockets[this.#next++] as Socket)
  }
}
