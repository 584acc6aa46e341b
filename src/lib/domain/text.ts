/** The most bytes in an AMQP short string, which every name in the protocol is. */
export const shortStringLimit = 255

/** Length in bytes of UTF-8, the unit of every limit in AMQP. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text)
}

/**
 * Whether a character is one that a terminal may act on or that hides in it: C0 and C1 controls, DEL, line and paragraph
 * separators, and format characters (bidirectional overrides, zero-width).
 */
export function isUnprintable(character: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(character)
}

/** Blanks, controls and anything else that is not to be seen: what an event name or a host name never holds. */
export function hasBlankOrUnprintable(text: string): boolean {
  // The long pattern costs each start of evi half a millisecond, where it is needed.
  return !isPlainWord(text) && /[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]/u.test(text)
}

function isPlainWord(text: string): boolean {
  return /^[!-~]*$/.test(text)
}
