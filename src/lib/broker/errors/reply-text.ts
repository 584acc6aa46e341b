import type { Reply } from '#lib/broker/connect/handshake-frames.ts'
import { mask } from '#lib/domain/socket/invalid-socket.ts'
import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { defaultPassword } from '#lib/domain/socket/socket.ts'
import { withoutCodeName } from './broker-replies.ts'

/** RabbitMQ's text without the name of its code and its full stop: `no queue 'q' in vhost '/'`. */
export function replyText({ text }: Reply): string {
  return redactBrokerText(withoutCodeName(text).replace(/(?<!\.)\.$/, ''))
}

/** The broker's whole sentence, the name of its code included: what evi makes of it stands before it. */
export function quoteReply({ text }: Pick<Reply, 'text'>): string {
  return `The broker says: "${redactBrokerText(text)}"${text.endsWith('.') ? '' : '.'}`
}

/** Passwords that the broker knows, and might say. */
const passwords = new Set<string>()

/** Keeps a password out of what the broker says; a short one would be found in ordinary text. */
export function registerSecret(password: string): void {
  if (password !== defaultPassword && password.length >= 6) passwords.add(password)
}

/** What the broker said, without the passwords that evi knows. */
export function redactBrokerText(text: string): string {
  let redacted = text
  for (const password of passwords) redacted = redacted.replaceAll(password, mask)
  return maskPasswords(redacted)
}
