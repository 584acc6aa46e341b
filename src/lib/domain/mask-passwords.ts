import { parseSocket } from './parse-socket.ts'
import { mask, maskBrokenSocket } from './socket-refusal.ts'

/** Masks the password of every socket or AMQP URL in a text that is about to be shown, a broken one's too. */
export function maskPasswords(text: string): string {
  return text.replace(/\b(?:rabbitmq|amqps?):[^\s'"]*/gi, (socket) => {
    try {
      const { password } = parseSocket(socket)
      return password === undefined ? socket : socket.replace(/^(rabbitmq:[^:]*:)[^@]*/, `$1${mask}`)
    } catch {
      return maskBrokenSocket(socket)
    }
  })
}
