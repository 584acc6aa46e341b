import { parseTemplate, type TemplatePart } from '#lib/domain/event/line-template.ts'
import { type MessageBody, readMessageBody } from '#lib/domain/event/message-body.ts'
import { textOf } from '#lib/domain/where/condition.ts'
import { fieldReader } from '#lib/domain/where/matcher.ts'
import type { TailedMessage, TailedMessages } from '#lib/services/tail/tail-request.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { membersOf } from '#lib/text/json-text.ts'
import { type MessagesRenderer, textOfPieces } from './render-message.ts'

interface Shown extends MessageBody {
  readonly tailed: TailedMessages
  readonly message: TailedMessage
}

/**
 * A line for each message, as a template has it; what a message does not have is left empty, and no control character of
 * a message gets through.
 *
 * @throws EviError `usage` for a template that cannot be read
 */
export function formatRenderer(template: string): MessagesRenderer {
  const writers = parseTemplate(template).map(writerOf)
  return textOfPieces((tailed) =>
    tailed.messages
      .map((message) => {
        const shown = { tailed, message, ...readMessageBody(message.body) }
        return `${writers.map((write) => write(shown)).join('')}\n`
      })
      .join(''),
  )
}

function writerOf(part: TemplatePart): (shown: Shown) => string {
  if (part.kind === 'text') return () => part.text
  const value = part.kind === 'param' ? paramOf(part.name) : (shown: Shown) => fieldOf(shown)[part.field]()
  return (shown) => visibleLine(value(shown) ?? '')
}

function paramOf(name: string): (shown: Shown) => string | undefined {
  const read = fieldReader(name)
  return ({ notification }) => {
    const json = notification && read(notification)
    return json === undefined ? undefined : textOf(json)
  }
}

function fieldOf({ tailed, message, text, notification }: Shown) {
  return {
    event: () => notification?.event,
    time: () => tailed.time.toISOString(),
    socket: () => tailed.socket,
    exchange: () => message.exchange,
    routingKey: () => message.routingKey,
    params: () =>
      notification && membersOf(notification.json).findLast(({ name }) => name === 'params')?.json,
    body: () => text ?? message.body.toString('base64'),
  }
}
