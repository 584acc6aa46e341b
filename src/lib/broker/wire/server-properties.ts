/**
 * A property that a broker sends in `connection.start`: a long string behind its short name and the letter S
 * (AMQP 0-9-1, 4.2.5.5).
 *
 * @param bytes what the broker sent, or the beginning of it
 */
export function serverProperty(bytes: Buffer, name: string): string | undefined {
  const field = `${String.fromCharCode(name.length)}${name}S`
  const start = bytes.indexOf(field, 0, 'latin1') + field.length
  if (start < field.length || bytes.length < start + 4) return undefined
  const end = start + 4 + bytes.readUInt32BE(start)
  return bytes.length < end ? undefined : bytes.toString('utf8', start + 4, end)
}
