import { readSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemCode } from '#lib/errors.ts'

const lineFeed = 0x0a
/** Milliseconds between two looks, and without a byte until the writer counts as stopped in the middle of a line. */
const pauses = { look: 5, most: 1000 }

/**
 * Reads a line's end from a pipe, byte by byte, so that whatever is behind it stays there.
 *
 * @param file a descriptor that does not block
 * @returns the bytes up to the line feed, or fewer where the writer ended or paused before it
 */
export async function readRestOfLine(file: number): Promise<Buffer> {
  const bytes: number[] = []
  const byte = Buffer.alloc(1)
  let waited = 0
  while (waited < pauses.most) {
    const length = readByte(file, byte)
    if (length === 0) break
    if (length === undefined) {
      await sleep(pauses.look)
      waited += pauses.look
      continue
    }
    waited = 0
    bytes.push(byte[0] as number)
    if (byte[0] === lineFeed) break
  }
  return Buffer.from(bytes)
}

/** Returns the number of bytes, 0 at the end or on an error, undefined where none is there yet. */
function readByte(file: number, byte: Buffer): number | undefined {
  try {
    return readSync(file, byte)
  } catch (error) {
    return systemCode(error) === 'EAGAIN' ? undefined : 0
  }
}
