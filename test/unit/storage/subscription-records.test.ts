import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findRecords, type StoredRecord, toFile } from '#lib/storage/subscription-records.ts'
import { cases } from '../../helpers/cases.ts'

const record = (event: string, socket = 'rabbitmq:guest@h:5672/q'): StoredRecord => ({
  event,
  socket,
  subscribedAt: '2026-11-23T12:00:00.000Z',
  expire: null,
})
/** More than a file may have to be parsed as a whole. */
const many = Array.from({ length: 2000 }, (_, index) => record(`E_${index}`))
const bytesOf = (records: readonly StoredRecord[]) => toFile(1, records)

test('it is JSON, whatever is in it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))), (pairs) => {
      const records = pairs.map(([event, socket]) => record(event, socket))
      expect(JSON.parse(toFile(1, records).toString()).subscriptions).toEqual(records)
    }),
  )
})

test("an event's records are found in a large file as they are in the parsed one", () => {
  const name = fc.oneof(
    fc.constantFrom('E_X', 'E_1', 'E_1999', '"', '\\', '{"event":"E_X",', 'ü', '🛰', ''),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(name, { maxLength: 20 }), name, fc.nat(2000), (names, wanted, place) => {
      const records = many.toSpliced(place, 0, ...names.map((event) => record(event, event)))
      const found = findRecords(wanted, 1, bytesOf(records))
      expect(found).toEqual(records.filter(({ event }) => event === wanted))
    }),
    { numRuns: cases(60) },
  )
})

test('what stands before the event in a record that was edited does not hide it', () => {
  const edited = { socket: 'rabbitmq:h/q', expire: null, event: 'E_EDITED', subscribedAt: '2026-11-23' }
  expect(findRecords('E_EDITED', 1, bytesOf([...many, edited]))).toEqual([edited])
})

describe('a file is to be parsed', () => {
  test('when it is small', () => {
    expect(findRecords('E_1', 1, bytesOf(many.slice(0, 10)))).toBeUndefined()
  })

  test('when it is of another version, or of an evi that wrote no checksum', () => {
    expect(findRecords('E_1', 2, bytesOf(many))).toBeUndefined()
    const indented = JSON.stringify({ version: 1, subscriptions: many }, undefined, '\t')
    expect(findRecords('E_1', 1, Buffer.from(indented))).toBeUndefined()
  })

  test('when a single byte of it is not as evi wrote it', () => {
    const bytes = bytesOf(many)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const damaged = Buffer.from(bytes)
        damaged[place] = (damaged[place] as number) ^ change
        expect(findRecords('E_1', 1, damaged)).toBeUndefined()
      }),
    )
  })

  test('when it is torn, or something was added', () => {
    const bytes = bytesOf(many)
    expect(findRecords('E_1', 1, bytes.subarray(0, -1))).toBeUndefined()
    expect(findRecords('E_1', 1, Buffer.concat([bytes, Buffer.from('\n')]))).toBeUndefined()
  })
})
