import { decodeUtf8 } from '#lib/text/decode-utf8.ts'
import { type ReceivedNotification, readNotification } from './notification.ts'

/** What the body of a message is. */
export interface MessageBody {
  /** Undefined where it is not UTF-8. */
  readonly text: string | undefined
  /** Undefined where it is no notification. */
  readonly notification: ReceivedNotification | undefined
}

/** Reads a body: its text if it is UTF-8, and the notification that it holds, if it does. */
export function readMessageBody(body: Buffer): MessageBody {
  const text = decodeUtf8(body)
  return { text, notification: text === undefined ? undefined : readNotification(text) }
}
