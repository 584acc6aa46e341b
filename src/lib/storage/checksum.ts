import { crc32 } from 'node:zlib'

/** Bytes up to which the sum is made here: loading Node's own takes longer. */
const few = 128 * 1024

/**
 * The first line of a file of evi's, with the checksum of all lines after it.
 *
 * @param rest of the first line, behind the checksum
 */
export function headOf(version: unknown, checksum: number, rest = ''): string {
  return `{"version":${version},"checksum":${checksum},${rest}\n`
}

/** Whether the bytes have a checksum that is not theirs; those without one were written by hand. */
export function differsFromChecksum(bytes: Buffer): boolean {
  const feed = bytes.indexOf('\n')
  const [, checksum] = /^\{"version":\d+,"checksum":(\d+),/.exec(bytes.toString('latin1', 0, feed)) ?? []
  return checksum !== undefined && Number(checksum) !== checksumOf(bytes.subarray(feed + 1))
}

/** CRC-32, which finds each single wrong bit. */
export function checksumOf(bytes: Buffer): number {
  return bytes.length > few ? crc32(bytes) : crc32OfFew(bytes)
}

/** For the half of a byte each. */
const table = Array.from({ length: 16 }, (_, half) => {
  let sum = half
  for (let bit = 0; bit < 4; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  return sum >>> 0
})

function crc32OfFew(bytes: Buffer): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum = (sum >>> 4) ^ (table[(sum ^ byte) & 15] as number)
    sum = (sum >>> 4) ^ (table[(sum ^ (byte >>> 4)) & 15] as number)
  }
  return ~sum >>> 0
}
