/** The most bytes in an AMQP short string, which every name in the protocol is. */
export const shortStringLimit = 255

/** Length in bytes of UTF-8, the unit of every limit in AMQP. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text)
}

/**
 * The characters that a terminal may act on or that hide in it, for the brackets of a pattern: C0 and C1 controls, DEL,
 * line and paragraph separators, format characters (bidirectional overrides, zero-width, tags), halves of surrogate
 * pairs, and what is not drawn by itself (fillers, variation selectors).
 */
export const unprintable = '\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{DI}'

/** Whether a character is one of those. */
export function isUnprintable(character: string): boolean {
  onlyUnprintable ??= new RegExp(`[${unprintable}]`, 'u')
  return onlyUnprintable.test(character)
}

let onlyUnprintable: RegExp | undefined

/** Blanks, controls and anything else that is not to be seen: what an event name or a host name never holds. */
export function hasBlankOrUnprintable(text: string): boolean {
  // The long pattern costs each start of evi half a millisecond, where it is needed.
  return !isPlainWord(text) && new RegExp(`[\\s\\p{Z}${unprintable}]`, 'u').test(text)
}

function isPlainWord(text: string): boolean {
  return /^[!-~]*$/.test(text)
}
