import type { Member } from '../domain/json-text.ts'
import { readNotification } from '../domain/notification.ts'
import type { TailedMessage } from '../services/tail.ts'
import { visibleJson, visibleLine } from './sanitise.ts'
import type { Style } from './style.ts'

/** How `evi tail` writes a message: a line for each, whatever is in it. */
export type MessageRenderer = (message: TailedMessage) => string | Buffer

/** Time, event and params, the params as `evi raise --param` takes them. */
export function textRenderer(style: Style): MessageRenderer {
  return ({ body, time }) => {
    const text = decodeUtf8(body)
    const notification = text === undefined ? undefined : readNotification(text)
    const clock = style.faint(clockTime(time))
    if (notification === undefined) {
      const shown = text === undefined ? `base64 ${body.toString('base64')}` : JSON.stringify(text)
      return `${clock}  ${style.bad('no notification:')} ${visibleLine(shown)}\n`
    }
    const { event, params } = notification
    const words = [
      style.strong(visibleLine(event)),
      ...params.map((member) => visibleLine(renderMember(member))),
    ]
    return `${clock}  ${words.join('  ')}\n`
  }
}

/** NDJSON; the notification stays as it was written but for white space between its tokens (SPEC 5). */
export const renderJsonMessage: MessageRenderer = (message) => {
  const { time, socket, exchange, routingKey, redelivered, properties, body } = message
  const about = JSON.stringify({ time, socket, exchange, routingKey, redelivered, properties })
  return `${visibleJson(`${about.slice(0, -1)},${jsonBody(body)}}`)}\n`
}

/** The body's bytes; made harmless where a terminal would read them. */
export function rawRenderer(terminal: boolean): MessageRenderer {
  return ({ body }) => {
    if (terminal) return `${visibleLine(body.toString())}\n`
    return Buffer.concat([body, Buffer.from('\n')])
  }
}

function jsonBody(body: Buffer): string {
  const text = decodeUtf8(body)
  if (text === undefined) return `"bodyBase64":${JSON.stringify(body.toString('base64'))}`
  const notification = readNotification(text)
  return notification ? `"message":${notification.json}` : `"body":${JSON.stringify(text)}`
}

function renderMember({ name, json }: Member): string {
  if (!json.startsWith('"')) return name === undefined ? json : `${name}:=${json}`
  const text = JSON.parse(json) as string
  const shown = /^[^\s"']+$/.test(text) ? text : json
  return name === undefined ? shown : `${name}=${shown}`
}

function decodeUtf8(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return undefined
  }
}

function clockTime(time: Date): string {
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${hours}:${minutes}:${seconds}.${String(time.getMilliseconds()).padStart(3, '0')}`
}
