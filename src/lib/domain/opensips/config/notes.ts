import type { SocketNote } from '#lib/domain/opensips/socket-text.ts'
import { newRoute } from '#lib/domain/opensips/write-socket.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'

/** What is to be said of a socket that OpenSIPS takes. */
export function noteMessage(note: SocketNote, socket: Socket): string {
  switch (note) {
    case 'old-form':
      return `The form of OpenSIPS 3.1: 3.2 and later refuse it. There: ${newRoute(socket) || 'exchange=NAME?'}`
    case 'twice':
      return 'A parameter of the socket is there twice; the last one counts.'
    case 'looks-like-a-parameter':
      return `Without a "?" all of "${socket.routingKey}" is the routing key.`
    case 'persistent-lost':
      return 'OpenSIPS 3.6 and 4.0 lose every event of a persistent socket.'
    case 'newline-in-socket':
      return 'There is a line break in a name: the string goes on on the next line. A queue is unlikely to have such a name.'
    case 'control-character':
      return 'There is a control character in a name. A queue is unlikely to have such a name.'
    case 'no-password':
      return `${socket.user} has no password here: OpenSIPS logs in with the password guest. evi keeps the one that it has stored.`
  }
}
