/** Numbers from `from` to `to`, without `to`. */
export interface Numbers {
  readonly from: number
  readonly to: number
}

const start = '{"jsonrpc":"2.0","method":"E_SOAK","params":{"n":'
const end = '}}'

/** Events with the numbers, one a line. */
export function numberedEvents({ from, to }: Numbers): string {
  let lines = ''
  for (let number = from; number < to; number++) lines += `${start}${number}${end}\n`
  return lines
}

/** The number of an event, byte for byte as it was made; NaN for any other text. */
export function numberOf(event: Buffer): number {
  const digits = event.toString('latin1', start.length, event.length - end.length)
  return event.toString('latin1') === `${start}${digits}${end}` ? Number(digits) : Number.NaN
}
