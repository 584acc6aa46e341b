import { EviError } from '#lib/errors.ts'
import { shortStringLimit, utf8Length } from '#lib/text/characters.ts'
import { jsonFault } from '#lib/text/json-text.ts'

export type Headers = Readonly<Record<string, unknown>>

/**
 * Reads headers as `--header` takes them: `NAME=VALUE` is a string, `NAME:=JSON` is any JSON value that AMQP carries. The
 * first `=` or `:=` decides.
 *
 * @throws EviError `usage` for a malformed header or one given twice; `data` for broken JSON and what AMQP cannot carry
 */
export function readHeaders(assignments: readonly string[]): Headers {
  const headers = new Map<string, unknown>()
  for (const assignment of assignments) {
    const { name, value } = readHeader(assignment)
    if (headers.has(name)) throw new EviError('usage', `The header ${JSON.stringify(name)} is given twice.`)
    headers.set(name, value)
  }
  return Object.fromEntries(headers)
}

/** A header as `--header` takes it; undefined for a name or a value that cannot be written so. */
export function writeHeader(name: string, value: unknown): string | undefined {
  if (name === '' || name.includes('=') || name.endsWith(':')) return undefined
  if (typeof value === 'string') return `${name}=${value}`
  return value === null || typeof value === 'number' || typeof value === 'boolean'
    ? `${name}:=${JSON.stringify(value)}`
    : undefined
}

function readHeader(assignment: string): { name: string; value: unknown } {
  const equals = assignment.indexOf('=')
  const typed = assignment[equals - 1] === ':'
  const name = assignment.slice(0, typed ? equals - 1 : equals)
  if (equals < 1 || name === '') {
    throw new EviError('usage', `The header ${JSON.stringify(assignment)} is not of the form NAME=VALUE.`, {
      hint: 'Write NAME=VALUE for a string, NAME:=JSON for a number or any other JSON value.',
    })
  }
  checkName(name, 'usage')
  const text = assignment.slice(equals + 1)
  return { name, value: typed ? readJson(name, text) : text }
}

function readJson(name: string, text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new EviError(
      'data',
      `The value of the header ${JSON.stringify(name)} is not JSON: ${jsonFault(error)}.`,
      {
        hint: `For a string write ${name}=VALUE.`,
        cause: error,
      },
    )
  }
  checkValue(name, value)
  return value
}

/** @throws EviError `data` for a number that AMQP would change, or a name that it has no room for */
function checkValue(header: string, value: unknown): void {
  if (typeof value === 'number') checkNumber(header, value)
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (!Array.isArray(value)) checkName(name, 'data')
    checkValue(header, member)
  }
  if (!Object.hasOwn(value, '!')) return
  throw new EviError(
    'data',
    `The header ${JSON.stringify(header)} has a member named "!", which evi cannot send.`,
  )
}

/** Whole numbers are sent as integers of up to 64 bits, all others as doubles; JavaScript knows 53 bits for certain. */
function checkNumber(header: string, value: number): void {
  if (Number.isSafeInteger(value) || (Math.abs(value) < largestFraction && !Number.isInteger(value))) return
  throw new EviError(
    'data',
    `The header ${JSON.stringify(header)} has a number that cannot be sent exactly.`,
    {
      hint: `Whole numbers go up to ${Number.MAX_SAFE_INTEGER}; send a longer one as a string: ${header}=VALUE`,
    },
  )
}

/** A larger number with a fraction would be sent by amqplib as an integer. */
const largestFraction = 2 ** 50

function checkName(name: string, code: 'usage' | 'data'): void {
  const bytes = utf8Length(name)
  if (bytes <= shortStringLimit) return
  throw new EviError(code, `The name of a header is ${bytes} bytes long; AMQP allows ${shortStringLimit}.`)
}
