import { parseSocket } from './parse-socket.ts'
import { mask, maskBrokenSocket } from './socket-refusal.ts'

/** From a user to the next "@" of the line, whatever a shell has let pass between them. */
const quoted = /\b((?:rabbitmq|amqps?):(?:\/\/)?[^:@/\n]*:)([^\n@]*)@/gi

/** In a URL, to the last "@" of the word. */
const inUrl = /\b(https?:\/\/[^:@/\s]*:)(?!\d+\/)\S*@/gi
/** A login whose scheme was forgotten; a SIP address is none. */
const bare =
  /(^|[\s"'(])(?!(?:rabbitmq|amqps?|https?):)(?!sips?:[^\s:@]*@)((?:\/\/)?[^\s:@/"'=]+:)(?!\/\/)\S*@(?=[^\s@])/gi

/** Masks the password of every socket, URL and login in a text that is about to be shown, a broken one's too. */
export function maskPasswords(text: string): string {
  return text.split('\n').map(maskLine).join('\n')
}

function maskLine(line: string): string {
  // Behind the last "@" these two would look for another one at each socket anew.
  const end = line.lastIndexOf('@') + 1
  const masked = line
    .slice(0, end)
    .replace(quoted, (all, user: string, between: string) =>
      /^\d+[/,]/.test(between) ? all : `${user}${mask}@`,
    )
    .replace(inUrl, `$1${mask}@`)
  const whole = (masked + line.slice(end)).replace(bare, `$1$2${mask}@`)
  return whole.replace(/\b(?:rabbitmq|amqps?):[^\s'"]*/gi, (socket) => {
    try {
      parseSocket(socket)
      return socket
    } catch {
      return maskBrokenSocket(socket)
    }
  })
}
