import { readNotification } from '#lib/domain/event/notification.ts'
import { matcherOf } from '#lib/domain/where/matcher.ts'
import { parseWhere } from '#lib/domain/where/where.ts'
import { decodeUtf8 } from '#lib/text/decode-utf8.ts'
import type { TailedMessage } from './tail-request.ts'

/** Whether a message is wanted. */
export type MessageFilter = (message: TailedMessage) => boolean

/** The filter that an expression stands for (docs/watching.md). @throws EviError `usage`, with a caret under the place */
export function filterWhere(expression: string): MessageFilter {
  const matches = matcherOf(parseWhere(expression))
  return ({ body }) => {
    const text = decodeUtf8(body)
    return matches(text === undefined ? undefined : readNotification(text))
  }
}
