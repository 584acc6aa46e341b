import { readMessageBody } from '#lib/domain/event/message-body.ts'
import { notificationText } from '#lib/domain/event/notification.ts'
import type { TailedMessage, TailedMessages } from '#lib/services/tail/tail-request.ts'
import type { Style } from '#lib/terminal/style.ts'
import { decodeUtf8 } from '#lib/text/decode-utf8.ts'
import { visibleJson, visibleLine } from '#lib/text/escape-controls.ts'
import type { Member } from '#lib/text/json-text.ts'

/**
 * How `evi tail` writes what came together: a line for each message, whatever is in it.
 *
 * @param sourceOf a label of a socket, where there are several
 */
export type MessagesRenderer = (pieces: readonly TailedMessages[], sourceOf?: SourceOf) => string | Buffer
type SourceOf = (socket: string) => string | undefined

/** Time, source where there are several, event and params, the params as `evi raise --param` takes them. */
export function textRenderer(style: Style): MessagesRenderer {
  const renderBody = (body: Buffer) => {
    const { text, notification } = readMessageBody(body)
    if (notification === undefined) {
      const shown = text === undefined ? `base64 ${body.toString('base64')}` : JSON.stringify(text)
      return `${style.bad('no notification:')} ${visibleLine(shown)}`
    }
    const { event, params } = notification
    return [style.strong(visibleLine(event)), ...params.map((member) => renderMember(member, style))].join(
      '  ',
    )
  }
  return textOfPieces(({ time, socket, messages }, sourceOf) => {
    const source = sourceOf?.(socket)
    const clock = clockTime(time)
    const start = style.faint(source === undefined ? clock : `${clock}  ${source}`)
    return messages.map(({ body }) => `${start}  ${renderBody(body)}\n`).join('')
  })
}

/** A renderer of text, from one of the messages of a socket. */
export function textOfPieces(
  render: (tailed: TailedMessages, sourceOf?: SourceOf) => string,
): MessagesRenderer {
  return (pieces, sourceOf) => {
    let text = ''
    for (const tailed of pieces) text += render(tailed, sourceOf)
    return text
  }
}

/** NDJSON; the notification stays as it was written but for white space between its tokens. */
export const renderJsonMessages = textOfPieces(({ time, socket, messages }) => {
  const arrival = JSON.stringify({ time, socket }).slice(0, -1)
  let lines = ''
  let last: TailedMessage | undefined
  let start = ''
  for (const message of messages) {
    // Most messages differ in their bodies only.
    if (!isLike(message, last)) start = visibleJson(`${arrival},${about(message)},`)
    lines += `${start}${visibleJson(jsonBody(message.body))}}\n`
    last = message
  }
  return lines
})

/** The bodies' bytes; made harmless where a terminal would read them. */
export function rawRenderer(terminal: boolean): MessagesRenderer {
  if (terminal)
    return textOfPieces(({ messages }) =>
      messages.map(({ body }) => `${visibleLine(body.toString())}\n`).join(''),
    )
  return (pieces) => {
    const lines = Buffer.allocUnsafe(lengthOf(pieces))
    let end = 0
    for (const { messages } of pieces) {
      for (const { body } of messages) {
        lines.set(body, end)
        end += body.length
        lines[end++] = lineFeed
      }
    }
    return lines
  }
}

/** Bytes of the bodies, each with a line feed. */
function lengthOf(pieces: readonly TailedMessages[]): number {
  let length = 0
  for (const { messages } of pieces) {
    for (const { body } of messages) length += body.length + 1
  }
  return length
}

const lineFeed = 0x0a

function isLike(message: TailedMessage, other: TailedMessage | undefined): boolean {
  return (
    message.exchange === other?.exchange &&
    message.routingKey === other.routingKey &&
    message.redelivered === other.redelivered &&
    message.properties === other.properties
  )
}

function about({ exchange, routingKey, redelivered, properties }: TailedMessage): string {
  return JSON.stringify({ exchange, routingKey, redelivered, properties }).slice(1, -1)
}

function jsonBody(body: Buffer): string {
  const text = decodeUtf8(body)
  if (text === undefined) return `"bodyBase64":${JSON.stringify(body.toString('base64'))}`
  const notification = notificationText(text)
  return notification ? `"message":${notification}` : `"body":${JSON.stringify(text)}`
}

function renderMember({ name, json }: Member, style: Style): string {
  const text = json.startsWith('"') ? (JSON.parse(json) as string) : undefined
  const shown = visibleLine(text !== undefined && /^[^\s"']+$/.test(text) ? text : json)
  if (name === undefined) return shown
  return style.faint(`${visibleLine(name)}${text === undefined ? ':=' : '='}`) + shown
}

function clockTime(time: Date): string {
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${hours}:${minutes}:${seconds}.${String(time.getMilliseconds()).padStart(3, '0')}`
}
