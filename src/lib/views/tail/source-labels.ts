import { printAddress, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'

/** Short names for sockets, so that a person sees where an event came from. */
export class SourceLabels {
  readonly #labels: ReadonlyMap<string, string>

  /** The labels have as much of a socket as keeps all of them apart: `pike`, `amq.topic?sip`, `host:5672/pike`. */
  constructor(sockets: readonly Socket[]) {
    const all = new Map(sockets.map((socket) => [printSocket(socket), socket]))
    const labelsBy = (form: (socket: Socket) => string) =>
      new Map([...all].map(([printed, socket]) => [printed, visibleLine(form(socket))]))
    const areDistinct = (labels: ReadonlyMap<string, string>) => new Set(labels.values()).size === all.size
    this.#labels = [routeOf, withHost].map(labelsBy).find(areDistinct) ?? labelsBy(printSocket)
  }

  /** @param socket printed */
  of(socket: string): string {
    return this.#labels.get(socket) ?? socket
  }

  /** Characters of the longest label. @param sockets printed */
  width(sockets: ReadonlySet<string>): number {
    return [...sockets].reduce((width, socket) => Math.max(width, lengthOf(this.of(socket))), 0)
  }

  /** The label of one of several sockets, filled up to the width. */
  column(socket: string, width: number): string {
    const label = this.of(socket)
    return label + ' '.repeat(Math.max(0, width - lengthOf(label)))
  }
}

function lengthOf(label: string): number {
  return [...label].length
}

function routeOf({ exchange, routingKey }: Socket): string {
  return exchange === '' ? routingKey : `${exchange}?${routingKey}`
}

function withHost(socket: Socket): string {
  return `${socket.hosts.map(printAddress).join(',')}/${routeOf(socket)}`
}
