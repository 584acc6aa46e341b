import type { FoundSubscription, Reading, ReadingWarning } from '#lib/domain/opensips/reading.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'
import type { AskingListener } from './asking.ts'
import { locateSubscribers } from './locate-subscribers.ts'

/**
 * What a running OpenSIPS sends to rabbitmq sockets. It prints neither port nor password nor parameters: the port is found by
 * asking, the rest is evi's own where it has that. `line` counts the subscribers as OpenSIPS lists them.
 *
 * @param known sockets of evi's, which lend ports and logins
 */
export async function readOpenSips(
  openSips: OpenSips,
  { known, listener }: { readonly known: readonly Socket[]; readonly listener: AskingListener },
): Promise<Reading> {
  const version = await openSips.version()
  const file = openSips.printed
  const subscriptions: FoundSubscription[] = []
  const warnings: ReadingWarning[] = []
  let [line, unread] = [0, 0]
  const listed = await openSips.allSubscribers()
  const located = await locateSubscribers(listed, { version, known, guess: true, listener }, openSips)
  for (const { event, subscribers } of located) {
    for (const { printed, transport, expire, socket, hasLogin } of subscribers) {
      line++
      const place = { file, line, at: line }
      const warn = (code: ReadingWarning['code'], message: string) =>
        warnings.push({ code, ...place, message })
      if (transport === 'virtual') {
        warn('virtual', `${event} goes to a virtual socket, which evi cannot take: ${printed}`)
        if (printed.includes('rabbitmq:')) unread++
        continue
      }
      if (transport !== 'rabbitmq') {
        warn('transport', `${event} goes to ${printed}, which is not evi's.`)
        continue
      }
      if (socket === undefined) {
        unread++
        warn(
          'refused-socket',
          `OpenSIPS does not print the port of ${printed}. Subscribe it with that: evi subscribe ${event} rabbitmq:USER@HOST:PORT/...`,
        )
        continue
      }
      if (!hasLogin)
        warn(
          'no-password',
          `OpenSIPS does not print the password of ${socket.user}: set it with evi password.`,
        )
      subscriptions.push({
        event,
        socket,
        expire: expire === 'never' ? null : expire,
        ...place,
        route: '',
        when: 'startup',
      })
    }
  }
  return { subscriptions, unread, settings: {}, tlsDomains: [], warnings }
}
