import { closeSync, openSync, writeSync } from 'node:fs'

/** The event of all notifications here. */
export const event = 'E_BENCH'

/** A notification of 150 bytes, as OpenSIPS raises them, without a newline. */
export const notification = padded(150)

/** Writes a file of notifications, one a line. */
export function writeNotifications(path: string, count: number): void {
  const block = 1000
  const file = openSync(path, 'w')
  for (let left = count; left > 0; left -= block)
    writeSync(file, `${notification}\n`.repeat(Math.min(block, left)))
  closeSync(file)
}

function padded(bytes: number): string {
  const text = (comment: string) =>
    JSON.stringify({ jsonrpc: '2.0', method: event, params: { ip: '192.168.2.11', port: 5060, comment } })
  return text('x'.repeat(bytes - text('').length))
}
