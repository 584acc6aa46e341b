import { EviError } from '#lib/errors.ts'
import { compactJson, jsonFault, membersOf } from '#lib/text/json-text.ts'
import { checkEventName } from './event-name.ts'
import type { MessageProperties } from './message-properties.ts'
import { buildNotification, isNotification, type Notification } from './notification.ts'
import { eventOfPlainNotification } from './plain-notification.ts'

/** A line of the input, without its end. */
export interface InputLine {
  /** From 1. */
  readonly number: number
  /** Undefined for one that is too long to be kept; the reader has dealt with its bytes. */
  readonly bytes: Buffer | undefined
}

/** What a line of a stream asks to be raised (docs/streams.md). */
export interface StreamLine {
  readonly event: string
  /** The notification's text; undefined where it is the line itself, which is then published byte for byte. */
  readonly notification?: string
  /** Those of a recorded message that a raise can give. */
  readonly properties?: MessageProperties | undefined
  /** When the message was recorded, in milliseconds since 1970. */
  readonly time?: number
  /** Where the message was published when it was recorded. */
  readonly destination?: RecordedDestination
}

export interface RecordedDestination {
  readonly exchange: string
  readonly routingKey: string
}

/**
 * Reads a line of `evi raise -`: a whole notification, or what `evi tail --json` recorded.
 *
 * @throws EviError `data` where it is neither, `usage` for an event that no name can be
 */
export function readStreamLine(text: string): StreamLine {
  const event = eventOfPlainNotification(text)
  if (event !== undefined) return { event: checkEventName(event) }
  const value = parse(text)
  if (isNotification(value)) return { event: checkEventName(value.method) }
  const { message } = value as Recorded
  if (isNotification(message)) return readRecorded(text, value as Recorded, message)
  const recorded = 'body' in (value as object) || 'bodyBase64' in (value as object)
  throw new EviError('data', recorded ? 'The message that was recorded is no notification.' : neither)
}

/**
 * Reads a line of `evi raise EVENT --batch`: the event's params.
 *
 * @throws EviError `data`
 */
export function readParamsLine(event: string, text: string): StreamLine {
  return { event, notification: buildNotification(event, { named: [], unnamed: [], whole: text }) }
}

/** What `evi tail --json` writes of a message. */
interface Recorded {
  readonly time?: unknown
  readonly exchange?: unknown
  readonly routingKey?: unknown
  readonly properties?: { readonly [name: string]: unknown }
  readonly message?: unknown
}

function readRecorded(text: string, recorded: Recorded, { method }: Notification): StreamLine {
  const { time, exchange, routingKey, properties } = recorded
  const recordedAt = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return {
    event: checkEventName(method),
    notification: messageOf(text),
    properties: propertiesOf(properties),
    ...(Number.isNaN(recordedAt) ? {} : { time: recordedAt }),
    ...(typeof exchange === 'string' && typeof routingKey === 'string'
      ? { destination: { exchange, routingKey } }
      : {}),
  }
}

/** What a raise itself can set of a message's properties; the others belong to the publisher. */
function propertiesOf(recorded: Recorded['properties']): MessageProperties | undefined {
  const { priority, headers } = recorded ?? {}
  const texts = textProperties.flatMap((name) => {
    const text = recorded?.[name]
    return typeof text === 'string' ? [[name, text] as const] : []
  })
  const properties = {
    ...Object.fromEntries(texts),
    ...(typeof priority === 'number' ? { priority: checkPriority(priority) } : {}),
    ...(isObject(headers) && Object.keys(headers).length > 0 ? { headers } : {}),
  }
  return Object.keys(properties).length > 0 ? properties : undefined
}

function checkPriority(priority: number): number {
  if (Number.isInteger(priority) && priority >= 0 && priority <= 255) return priority
  throw new EviError('data', `The property "priority" is ${priority}, not a whole number from 0 to 255.`)
}

const textProperties = [
  'contentType',
  'messageId',
  'correlationId',
  'expiration',
  'replyTo',
  'type',
  'appId',
] as const

const neither = 'Neither a notification nor what evi tail --json writes.'

const messageMark = ',"message":'

/** The text of the member `message`, its digits and escapes as they are; evi writes it compact and last. */
function messageOf(text: string): string {
  const mark = text.indexOf(messageMark)
  const last = text.slice(mark + messageMark.length, -1)
  // Both halves are JSON only where the mark is no part of a string or of an inner object.
  if (mark > 0 && isJson(`${text.slice(0, mark)}}`) && isJson(last)) return last
  return membersOf(compactJson(text)).findLast(({ name }) => name === 'message')?.json ?? ''
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new EviError('data', `Not JSON: ${jsonFault(error)}.`, { cause: error })
  }
  if (isObject(value)) return value
  throw new EviError('data', neither)
}
