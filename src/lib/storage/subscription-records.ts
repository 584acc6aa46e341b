import { crc32 } from 'node:zlib'

/** A subscription as it stands in the file. */
export interface StoredRecord {
  readonly event: string
  /** The printed form, which holds all but the password. */
  readonly socket: string
  readonly password?: string
  /** The environment variable that holds the password. */
  readonly passwordEnv?: string
  readonly subscribedAt: string
  readonly expire: number | null
}

/** Bytes up to which a file is parsed as a whole, which takes less than a millisecond. */
const small = 128 * 1024
const newline = 0x0a

/**
 * The file as JSON with a line for each record, its event first, and a checksum of the lines in the first line. So a
 * reader of one event need not parse a large file, and still notices what is not as evi wrote it.
 */
export function toLines(version: unknown, records: readonly StoredRecord[]): string {
  const lines = records.map(({ event, ...others }) => JSON.stringify({ event, ...others })).join(',\n')
  const rest = `${lines}\n]}\n`
  return `${headOf(version, crc32(rest))}${rest}`
}

/** The records of an event; undefined for a file that is small or not as `toLines` wrote it, which is to be parsed. */
export function findRecords(
  event: string,
  version: unknown,
  bytes: Buffer,
): readonly StoredRecord[] | undefined {
  if (bytes.length <= small) return undefined
  const start = bytes.indexOf(newline) + 1
  if (bytes.toString('latin1', 0, start) !== headOf(version, crc32(bytes.subarray(start)))) return undefined
  const lineStart = `\n{"event":${JSON.stringify(event)},`
  const records: StoredRecord[] = []
  for (let at = start - 1; ; at++) {
    at = bytes.indexOf(lineStart, at)
    if (at < 0) return records
    const line = bytes.toString('utf8', at + 1, bytes.indexOf(newline, at + 1))
    records.push(JSON.parse(line.replace(/,$/, '')))
  }
}

function headOf(version: unknown, checksum: number): string {
  return `{"version":${version},"checksum":${checksum},"subscriptions":[\n`
}
