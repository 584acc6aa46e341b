import type { Socket } from '#lib/domain/socket/socket.ts'

/** A message for several sockets, a part of them at a time. */
export class FanOut<M> {
  #message: M | undefined
  #sockets: readonly Socket[] = []
  #next = 0

  begin(message: M, sockets: readonly Socket[]): void {
    this.#message = message
    this.#sockets = sockets
    this.#next = 0
  }

  get isDone(): boolean {
    return this.#next >= this.#sockets.length
  }

  /** Takes the message to the next sockets, until it must stop or all have it. */
  run(take: (message: M, socket: Socket) => void, mustStop: () => boolean): void {
    while (!this.isDone && !mustStop()) take(this.#message as M, this.#sockets[this.#next++] as Socket)
    if (this.isDone) this.#message = undefined
  }
}
