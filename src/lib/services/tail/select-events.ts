import { readMessageBody } from '#lib/domain/event/message-body.ts'
import { matcherOf } from '#lib/domain/where/matcher.ts'
import { parseWhere } from '#lib/domain/where/where.ts'
import type { TailedMessage } from './tail-request.ts'

/** Whether a message is wanted. */
export type MessageFilter = (message: TailedMessage) => boolean

/** The filter that an expression stands for (docs/watching.md). @throws EviError `usage`, with a caret under the place */
export function filterWhere(expression: string): MessageFilter {
  const matches = matcherOf(parseWhere(expression))
  return ({ body }) => matches(readMessageBody(body).notification)
}
