import { notifyReady } from '#lib/cli/process/notify-systemd.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import type { SubscribedSocket } from '#lib/services/tail/tail-request.ts'
import type { Output } from '#lib/terminal/output.ts'
import { SourceLabels } from '#lib/views/tail/source-labels.ts'
import { TailDisplay, type TailDisplayOptions } from '#lib/views/tail/tail-display.ts'

interface Shown extends Pick<TailDisplayOptions, 'session' | 'render' | 'runs' | 'pace'> {
  readonly sockets: readonly SubscribedSocket[]
  readonly peek: boolean
  readonly err: Output
}

/** Shows what is watched, and has systemd know once it is. */
export function tailDisplay({ sockets, peek, err, ...parts }: Shown): TailDisplay {
  return new TailDisplay({
    ...parts,
    style: err.style(),
    labels: new SourceLabels(sockets.map(({ socket }) => socket)),
    sources: peek ? sockets.map(({ socket }) => printSocket(socket)) : [],
    onWatching: (status) => notifyReady(status, (sentence) => err.write(`${sentence}\n`)),
  })
}
