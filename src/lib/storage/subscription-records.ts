import { crc32 } from 'node:zlib'
import { differsFromChecksum, headOf } from './checksum.ts'

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

/** The line of one record, without the line feed and the comma before it. */
export interface RecordLine {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** Bytes up to which a file is parsed as a whole, which takes less than a millisecond. */
const small = 128 * 1024
/** Bytes of new records that are gathered before they are encoded. */
const blockSize = 1024 * 1024
const [newline, quote] = [0x0a, 0x22]
const opening = '{"event":"'
const separator = ',\n'
const tail = '\n]}\n'
const list = '"subscriptions":['

/**
 * The file as JSON with a line for each record, its event first, and a checksum of the lines in the first line. So a
 * reader of one event need not parse a large file, and still notices what is not as evi wrote it.
 *
 * @param records lines of a file that was read are taken as they are
 */
export function toFile(version: unknown, records: Iterable<StoredRecord | RecordLine>): Buffer {
  const blocks = [...blocksOf(records), Buffer.from(tail)]
  const checksum = blocks.reduce((sum, block) => crc32(block, sum), 0)
  return Buffer.concat([Buffer.from(headOf(version, checksum, list)), ...blocks])
}

function* blocksOf(records: Iterable<StoredRecord | RecordLine>): Iterable<Buffer> {
  let text = ''
  let before = ''
  let run: { bytes: Buffer; start: number; end: number } | undefined
  for (const record of records) {
    const line = 'bytes' in record ? record : undefined
    // Lines that follow each other are copied at once.
    if (run && line?.bytes === run.bytes && line.start === run.end + separator.length) {
      run.end = line.end
      continue
    }
    if (run) yield run.bytes.subarray(run.start, run.end)
    run = line && { ...line }
    text += run ? before : before + toLine(record as StoredRecord)
    before = separator
    if (text !== '' && (run || text.length > blockSize)) {
      yield Buffer.from(text)
      text = ''
    }
  }
  if (run) yield run.bytes.subarray(run.start, run.end)
  if (text !== '') yield Buffer.from(text)
}

function toLine({ event, ...others }: StoredRecord): string {
  return JSON.stringify({ event, ...others })
}

/** The lines of all records; undefined for a file that is small or not as `toFile` wrote it, which is to be parsed. */
export function findLines(version: unknown, bytes: Buffer): Iterable<RecordLine> | undefined {
  const first = startOfLines(version, bytes)
  return first === undefined ? undefined : linesFrom(first, bytes)
}

function* linesFrom(first: number, bytes: Buffer): Iterable<RecordLine> {
  const last = bytes.length - tail.length
  for (let start = first; start < last; ) {
    const feed = bytes.indexOf(newline, start)
    yield { bytes, start, end: feed < last ? feed - 1 : last }
    start = feed + 1
  }
}

/** The records of an event; undefined for a file that is small or not as `toFile` wrote it, which is to be parsed. */
export function findRecords(
  event: string,
  version: unknown,
  bytes: Buffer,
): readonly StoredRecord[] | undefined {
  const first = startOfLines(version, bytes)
  if (first === undefined) return undefined
  const lineStart = `\n{"event":${JSON.stringify(event)},`
  const records: StoredRecord[] = []
  for (let at = first - 1; ; at++) {
    at = bytes.indexOf(lineStart, at)
    if (at < 0) return records
    const line = bytes.toString('utf8', at + 1, bytes.indexOf(newline, at + 1))
    records.push(JSON.parse(line.replace(/,$/, '')))
  }
}

/** Reads a line as a whole. */
export function recordOf({ bytes, start, end }: RecordLine): StoredRecord {
  return JSON.parse(bytes.toString('utf8', start, end))
}

/** The event of a line, without reading the rest of it. */
export function eventOf(line: RecordLine): string {
  const start = line.start + opening.length
  const event = line.bytes.toString('utf8', start, line.bytes.indexOf(quote, start))
  return event.includes('\\') ? recordOf(line).event : event
}

/** The socket of a line, without reading the rest of it; undefined where it may not be as evi prints it. */
export function socketOf({ bytes, start, end }: RecordLine): string | undefined {
  const text = bytes.toString('utf8', bytes.indexOf(quote, start + opening.length), end)
  const [, socket] = /^","socket":"([^"\\%]*)"/.exec(text) ?? []
  return socket
}

/** Whether the line says that its subscription never expires, without reading the rest of it. */
export function isForEver({ bytes, end }: RecordLine): boolean {
  // No other line ends so: where these characters are part of a string or of a nested object, a quote or a brace follows.
  return bytes.toString('latin1', end - forEver.length, end) === forEver
}

const forEver = ',"expire":null}'

/** Where the first line begins, in a large file that is as evi wrote it. */
function startOfLines(version: unknown, bytes: Buffer): number | undefined {
  if (bytes.length <= small) return undefined
  const start = bytes.indexOf(newline) + 1
  const [, checksum = ''] = /"checksum":(\d+)/.exec(bytes.toString('latin1', 0, start)) ?? []
  const isAsWritten = bytes.toString('latin1', 0, start) === headOf(version, Number(checksum), list)
  return isAsWritten && !differsFromChecksum(bytes) ? start : undefined
}
