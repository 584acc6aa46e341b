import { isUtf8 } from 'node:buffer'

/** The text that the bytes are; undefined where they are not UTF-8. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString() : undefined
}
