/** A string of JSON without escapes. */
const plainString = String.raw`"[^"\\\x00-\x1f]*"`
const plainParam = `${plainString}:(?:${plainString}|-?(?:0|[1-9][0-9]*))`
const plain = new RegExp(
  String.raw`^\{"jsonrpc":"2\.0","method":${plainString},"params":\{(?:${plainParam}(?:,${plainParam})*)?\}\}$`,
)
const nameAt = '{"jsonrpc":"2.0","method":"'.length
/** Characters; for longer ones the pattern's way back may not fit V8's stack. */
const longest = 4096

/**
 * The event of a notification as OpenSIPS writes it, without blanks and escapes and with plain params; undefined for any
 * other text, which may be a notification all the same. Takes a fraction of the time of JSON.parse.
 */
export function eventOfPlainNotification(text: string): string | undefined {
  if (text.length > longest || !plain.test(text)) return undefined
  return text.slice(nameAt, text.indexOf('"', nameAt))
}
