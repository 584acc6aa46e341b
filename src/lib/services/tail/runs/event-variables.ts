import { type MessageBody, readMessageBody } from '#lib/domain/event/message-body.ts'
import { textOf } from '#lib/domain/where/condition.ts'
import type { TailedMessage } from '#lib/services/tail/tail-request.ts'

/** Bytes of all variables together: far below what any system lets a command have. */
const room = 64 * 1024

/** What the names of variables that hold an event begin with; a param's is `EVI_PARAM_` and its name. */
export const eventVariables = [
  'EVI_EVENT',
  'EVI_TIME',
  'EVI_SOCKET',
  'EVI_EXCHANGE',
  'EVI_ROUTING_KEY',
] as const
export const paramPrefix = 'EVI_PARAM_'

/**
 * An event as environment variables. Param names are in capitals, with a `_` for all but letters and digits; a param
 * without a name has its number. What is no notification has an empty `EVI_EVENT`. What does not fit, or has a NUL, is left
 * out: the body on standard input has it.
 *
 * @param arrival the printed socket, and when the message came
 */
export function variablesOf(
  message: TailedMessage,
  { socket, time }: { readonly socket: string; readonly time: Date },
): Readonly<Record<string, string>> {
  const { notification } = readMessageBody(message.body)
  const values = [notification?.event ?? '', time.toISOString(), socket, message.exchange, message.routingKey]
  const fixed = eventVariables.map((name, index) => [name, values[index] as string] as const)
  const variables: Record<string, string> = {}
  let left = room
  for (const [name, value] of [...fixed, ...paramVariables(notification)]) {
    const bytes = Buffer.byteLength(name) + Buffer.byteLength(value)
    if (bytes > left || value.includes('\0')) continue
    left -= bytes
    variables[name] = value
  }
  return variables
}

function* paramVariables(notification: MessageBody['notification']): Generator<readonly [string, string]> {
  for (const [index, { name, json }] of (notification?.params ?? []).entries()) {
    const suffix = name === undefined ? String(index + 1) : name.toUpperCase().replace(/[^A-Z0-9]/g, '_')
    yield [paramPrefix + suffix, textOf(json)]
  }
}
