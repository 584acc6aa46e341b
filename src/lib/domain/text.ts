/** The most bytes in an AMQP short string, which every name in the protocol is. */
export const shortStringLimit = 255

/** Length in bytes of UTF-8, the unit of every limit in AMQP. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text)
}

/**
 * Characters that a terminal may act on or that hide in it: C0 and C1 controls, DEL, line and paragraph separators,
 * and format characters (bidirectional overrides, zero-width).
 */
export const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/** Blanks, controls and anything else that is not to be seen: what an event name or a host name never holds. */
export const blankOrUnprintable = /[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]/u
