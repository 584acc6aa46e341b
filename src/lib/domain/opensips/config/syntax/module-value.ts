import type { TokenReader } from './token-reader.ts'

const truths: ReadonlyMap<string, number> = new Map([
  ...['yes', 'true', 'on', 'enable'].map((word) => [word, 1] as const),
  ...['no', 'false', 'off', 'disable'].map((word) => [word, 0] as const),
])

/** Reads the value of a modparam: strings, one after the other, or a number. @throws ConfigFault */
export function readModuleValue(reader: TokenReader): string | number {
  if (reader.next.kind !== 'string') {
    const number = readNumber(reader)
    if (number === undefined) throw reader.expected('a string in quotes or a number')
    return number
  }
  let text = ''
  while (reader.next.kind === 'string') text += reader.take().value
  return text
}

/** Reads a number in any of OpenSIPS's forms; undefined where none is next. @throws ConfigFault for a sign alone */
export function readNumber(reader: TokenReader): number | undefined {
  const { kind, value } = reader.next
  const truth = kind === 'word' ? truths.get(value) : undefined
  if (truth !== undefined) {
    reader.take()
    return truth
  }
  const isNegative = reader.isSign('-')
  if (isNegative || reader.isSign('+')) reader.take()
  else if (kind !== 'number') return undefined
  if (reader.next.kind !== 'number') throw reader.expected('a number')
  const number = readInteger(reader.take().value)
  return isNegative ? -number : number
}

/** The value of a whole number: decimal, hexadecimal (0x) or octal (0). */
export function readInteger(text: string): number {
  return /^0\d/.test(text) ? Number.parseInt(text, 8) : Number(text)
}
