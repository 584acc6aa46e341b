import { type Context, timingOf } from '#lib/cli/context.ts'
import { type BenchFlags, standard } from '#lib/cli/flags/bench.ts'
import { givenPassword, readSockets } from '#lib/cli/flags/shared/socket.ts'
import { checkSize } from '#lib/domain/event/notification.ts'
import type { Settings } from '#lib/domain/settings.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { BenchRequest } from '#lib/services/bench/bench.ts'
import { paddedNotification } from '#lib/services/bench/padded-notification.ts'
import { completeSockets } from '#lib/services/subscriptions/select-sockets.ts'
import type { Output } from '#lib/terminal/output.ts'

/** What is to be published, and where. */
export type Load = Omit<BenchRequest, 'signal' | 'onStart'>

/** The load that the flags ask for, but for its socket. @throws EviError `usage`, `data` for events that are too large */
export function benchLoad(flags: BenchFlags, settings: Settings): Omit<Load, 'socket'> {
  const { size = standard.size, window = standard.window, rate, duration, count } = flags
  const queue = flags['consumers-get-them'] ? 'existing' : 'temporary'
  checkSize(size, settings.max_message)
  return {
    queue,
    body: Buffer.from(paddedNotification(size)),
    window,
    rate,
    length: count === undefined ? { seconds: duration ?? standard.seconds } : { events: count },
    timing: timingOf(settings),
  }
}

/** The socket, with the password of the flags, or else that of the store. @throws EviError `usage`, `no-input`, `data` */
export async function benchedSocket(
  text: string,
  flags: BenchFlags,
  { context, err }: { readonly context: Context; readonly err: Output },
): Promise<Socket> {
  const [given] = (await readSockets([text], err)) as [Socket]
  const password = await givenPassword(flags)
  const store = await context.subscriptions()
  const [socket = given] = completeSockets([{ ...given, password: given.password ?? password }], () =>
    store.live(new Date()),
  )
  return socket
}
