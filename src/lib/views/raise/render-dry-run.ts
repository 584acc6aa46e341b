import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'

/** What would be published, and where. */
export interface DryRun {
  readonly event: string
  /** The notification, byte for byte. */
  readonly payload: string
  readonly sockets: readonly Socket[]
}

/** Stdout has the exact bytes of the payload; the sockets go to stderr, on a terminal on a line of their own. */
export const dryRunView = {
  json: ({ event, payload, sockets }: DryRun): object => ({
    event,
    payload,
    bytes: Buffer.byteLength(payload),
    sockets: sockets.map(printSocket),
  }),
  text: ({ payload }: DryRun) => payload,
  raw: true,
  beside: ({ event, sockets }: DryRun) => {
    const lines =
      sockets.length === 0 ? `${visibleLine(event)} has no subscribers.` : sockets.map(printSocket).join('\n')
    return `${process.stdout.isTTY ? '\n' : ''}${lines}\n`
  },
}
