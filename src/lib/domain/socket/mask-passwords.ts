import { mask, maskBrokenSocket } from './invalid-socket.ts'
import { parseSocket } from './parse-socket.ts'

/** From a user to the next "@" of the line, whatever a shell has let pass between them. */
const quoted = /\b((?:rabbitmq|amqps?):(?:\/\/)?[^:@/\n]*:)([^\n@]*)@/gi

/** A URL with a login, up to the password; a port is none. */
const urlLogin = /\bhttps?:\/\/[^:@/]*:(?!\d+\/)/i
/** A user, as it may stand before the password of a login whose scheme was forgotten. */
const user = /^(?:\/\/)?[^@/=]+$/
const scheme = /^(?:rabbitmq|amqps?|https?)$/i
const sipAddress = /^sips?:[^:@]*@/i

/** Masks the password of every socket, URL and login in a text that is about to be shown, a broken one's too. */
export function maskPasswords(text: string): string {
  return text.split('\n').map(maskLine).join('\n')
}

/** In time that grows with the length and not its square: a broker may say what it likes. */
function maskLine(line: string): string {
  // The pattern is not used behind the last "@", where it would search the rest of the line again at each socket.
  const end = line.lastIndexOf('@') + 1
  const masked = line
    .slice(0, end)
    .replace(quoted, (all, user: string, between: string) =>
      /^\d+[/,]/.test(between) ? all : `${user}${mask}@`,
    )
  const whole = (masked + line.slice(end)).replace(/\S+/g, (word) => maskWord(word))
  return whole.replace(/\b(?:rabbitmq|amqps?):[^\s'"]*/gi, (socket) => {
    try {
      parseSocket(socket)
      return socket
    } catch {
      return maskBrokenSocket(socket)
    }
  })
}

/** Masks from the password of a word's first URL or bare login to the last "@" behind which something stands. */
function maskWord(word: string): string {
  let end = word.lastIndexOf('@')
  const url = urlLogin.exec(word)
  if (url && end > url.index) return word.slice(0, url.index + url[0].length) + mask + word.slice(end)
  while (end > 0 && /^@?$/.test(word.charAt(end + 1))) end--
  if (word[end] !== '@') return word
  const password = bareLogin(word, end)
  return password === undefined ? word : word.slice(0, password) + mask + word.slice(end)
}

/** Where the password of a login without a scheme begins, before `end`; undefined where there is none. */
function bareLogin(word: string, end: number): number | undefined {
  // Users begin at the word, or behind a quote or bracket.
  for (let start = 0, at = 0; at < end; at++) {
    const character = word[at]
    if (character === '"' || character === "'" || character === '(') start = at + 1
    if (character !== ':') continue
    const before = word.slice(start, at)
    const isLogin = user.test(before) && !scheme.test(before) && !word.startsWith('//', at + 1)
    if (isLogin && !sipAddress.test(word.slice(start, end + 1))) return at + 1
    // What has a ":" in it is no user.
    start = end
  }
  return undefined
}
