import { timingOf } from '#lib/cli/context.ts'
import type { TailFlags } from '#lib/cli/flags/tail.ts'
import { notifyReady } from '#lib/cli/process/notify-systemd.ts'
import type { Settings } from '#lib/domain/settings.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import type { SubscribedSocket } from '#lib/services/tail/tail-request.ts'
import type { Output } from '#lib/terminal/output.ts'
import { WaitingLine } from '#lib/terminal/waiting-line.ts'
import { OpeningLine } from '#lib/views/tail/opening-line.ts'
import { SourceLabels } from '#lib/views/tail/source-labels.ts'
import { TailDisplay, type TailDisplayOptions } from '#lib/views/tail/tail-display.ts'

interface Shown extends Pick<TailDisplayOptions, 'session' | 'render' | 'runs' | 'pace'> {
  readonly sockets: readonly SubscribedSocket[]
  readonly flags: TailFlags
  readonly settings: Settings
  readonly err: Output
}

/** Shows what is watched, and has systemd know once it is. */
export function tailDisplay({ sockets, flags, settings, err, ...parts }: Shown): TailDisplay {
  return new TailDisplay({
    ...parts,
    style: err.style(),
    labels: new SourceLabels(sockets.map(({ socket }) => socket)),
    asked: flags.peek ? 'looked at' : 'watched',
    sources: flags.peek ? sockets.map(({ socket }) => printSocket(socket)) : [],
    opening: new OpeningLine(new WaitingLine(flags), timingOf(settings).replyTimeout),
    onWatching: (status) => notifyReady(status, (sentence) => err.write(`${sentence}\n`)),
  })
}
