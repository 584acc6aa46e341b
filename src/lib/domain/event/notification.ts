import { EviError } from '#lib/errors.ts'
import { compactJson, jsonFault, type Member, membersOf, withoutBlanks } from '#lib/text/json-text.ts'

/** What a notification's `params` is made from; at most one of the three kinds. */
export interface ParamsInput {
  /** `NAME=VALUE` (a string) or `NAME:=JSON`, in the order given. */
  readonly named: readonly string[]
  /** Unnamed strings: `params` becomes an array. */
  readonly unnamed: readonly string[]
  /** The whole of params, a JSON object or array. */
  readonly whole: string | undefined
}

/**
 * The body of an event, byte for byte as OpenSIPS publishes it: compact JSON, members in the order `jsonrpc`,
 * `method`, `params`; `params` left out when there are none (docs/raising.md).
 *
 * @param event a checked event name
 * @throws EviError `usage` for a malformed parameter, `data` for broken JSON
 */
export function buildNotification(event: string, input: ParamsInput): string {
  const params = buildParams(input)
  return `{"jsonrpc":"2.0","method":${JSON.stringify(event)}${params === undefined ? '' : `,"params":${params}`}}`
}

/**
 * Refuses a notification of more than `limit` bytes, before anything is connected; 0 is no limit.
 *
 * @throws EviError `data`
 */
export function checkSize(bytes: number, limit: number): void {
  if (limit === 0 || bytes <= limit) return
  throw new EviError(
    'data',
    `The notification has ${bytes} bytes, more than the ${limit} that max_message allows.`,
    {
      hint: 'Send less, or raise the limit: --max-message BYTES (0 is no limit), or evi settings max_message BYTES',
    },
  )
}

function buildParams({ named, unnamed, whole }: ParamsInput): string | undefined {
  const kinds = [named.length > 0, unnamed.length > 0, whole !== undefined].filter(Boolean).length
  if (kinds > 1) {
    throw new EviError('usage', 'Named parameters, unnamed ones and a whole params cannot be mixed.', {
      hint: 'Use --param alone, --arg alone, or --params alone.',
    })
  }
  if (whole !== undefined) return readWhole(whole)
  if (unnamed.length > 0) return JSON.stringify(unnamed)
  return named.length > 0 ? buildNamed(named) : undefined
}

function buildNamed(assignments: readonly string[]): string {
  const members = new Map<string, string>()
  for (const assignment of assignments) {
    const [name, value] = readAssignment(assignment)
    if (members.has(name))
      throw new EviError('usage', `The parameter ${JSON.stringify(name)} is given twice.`)
    members.set(name, value)
  }
  return `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
}

/** The name in `NAME=VALUE` or `NAME:=JSON`; empty where there is none. */
export function paramNameOf(assignment: string): string {
  const equals = assignment.indexOf('=')
  return equals < 0 ? '' : assignment.slice(0, assignment[equals - 1] === ':' ? equals - 1 : equals)
}

/** The first `=` or `:=` decides: `NAME=VALUE` is a string whatever it looks like, `NAME:=JSON` is any JSON value. */
function readAssignment(assignment: string): [name: string, json: string] {
  const name = paramNameOf(assignment)
  const equals = assignment.indexOf('=')
  const typed = assignment[equals - 1] === ':'
  if (name === '') {
    throw new EviError(
      'usage',
      `The parameter ${JSON.stringify(assignment)} is not of the form NAME=VALUE.`,
      {
        hint: 'Write NAME=VALUE for a string, NAME:=JSON for a number or any other JSON value.',
      },
    )
  }
  const value = assignment.slice(equals + 1)
  if (!typed) return [name, JSON.stringify(value)]
  return [
    name,
    readJson(
      value,
      `The value of the parameter ${JSON.stringify(name)}`,
      `For a string, write ${name}=VALUE.`,
    ),
  ]
}

function readWhole(text: string): string | undefined {
  const json = readJson(text, 'The text of the params')
  if (!/^[[{]/.test(json))
    throw new EviError('data', 'The text of the params is neither a JSON object nor an array.')
  if (json.startsWith('{')) refuseTwins(json)
  return json === '{}' || json === '[]' ? undefined : json
}

function refuseTwins(json: string): void {
  const seen = new Set<string | undefined>()
  for (const { name } of membersOf(json)) {
    if (seen.has(name))
      throw new EviError('data', `The parameter ${JSON.stringify(name)} is given twice in the params.`)
    seen.add(name)
  }
}

function readJson(text: string, what: string, hint?: string): string {
  try {
    return compactJson(text)
  } catch (error) {
    throw new EviError('data', `${what} is not JSON: ${jsonFault(error)}.`, { hint, cause: error })
  }
}

/** A notification as it was read back: compact JSON, and its parts. */
export interface ReceivedNotification {
  readonly json: string
  readonly event: string
  readonly params: readonly Member[]
}

/** Reads a message's body back; undefined when it is no JSON-RPC notification. */
export function readNotification(body: string): ReceivedNotification | undefined {
  const notification = parseNotification(body)
  if (notification === undefined) return undefined
  const json = withoutBlanks(body)
  const params = membersOf(json).findLast(({ name }) => name === 'params')
  return { json, event: notification.method, params: membersOf(params?.json ?? '') }
}

/** The names of the parameters of a notification; none of unnamed ones. */
export function paramNames(notification: string): readonly string[] {
  return readNotification(notification)?.params.flatMap(({ name }) => name ?? []) ?? []
}

/** A message's body as compact JSON; undefined when it is no JSON-RPC notification. */
export function notificationText(body: string): string | undefined {
  return parseNotification(body) && withoutBlanks(body)
}

/** What JSON has to hold to be a notification. */
export interface Notification {
  readonly jsonrpc: '2.0'
  readonly method: string
}

/** Whether a value is a JSON-RPC notification, as OpenSIPS sends one (docs/json.md). */
export function isNotification(value: unknown): value is Notification {
  const { jsonrpc, method } = (value ?? {}) as Partial<Notification>
  return jsonrpc === '2.0' && typeof method === 'string'
}

function parseNotification(body: string): Notification | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return isNotification(value) ? value : undefined
  } catch {
    return undefined
  }
}
