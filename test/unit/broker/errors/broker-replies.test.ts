import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readReply, replyRows } from '#lib/broker/errors/broker-replies.ts'

const names = ['q', "it's", 'ünï ☃', 'a.b (c)', "x' in vhost 'y", 'line\nbreak', 'no queue']
const filled = (says: string, name: string) =>
  says.replace(/\{(?:limit|number|size)\}/g, '7').replace(/\{\w+\}/g, () => name)

describe('a reply of the broker', () => {
  test.each(replyRows.map((row) => [row.says, row] as const))(
    '"%s" is read whatever the names',
    (says, row) => {
      for (const name of names) {
        const { kind, code, transient } = readReply(`SOME_CODE - ${filled(says, name)}`) ?? {}
        expect({ name, kind, code, transient }).toEqual({
          name,
          kind: row.kind,
          code: row.code,
          transient: row.transient,
        })
      }
    },
  )

  test.each(replyRows.map(({ says }) => says))(
    '"%s" is not read where something stands around it',
    (says) => {
      expect(readReply(`Really: ${filled(says, 'q')}`)).toBeUndefined()
      // A name at the end may hold anything.
      if (!says.endsWith('{current}')) expect(readReply(`${filled(says, 'q')}, and more`)).toBeUndefined()
    },
  )

  test('with any other sentence is not read', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readReply(`NOT_FOUND - ?${text}`)).toBeUndefined()
      }),
    )
  })

  const cut = (text: string) => `${Buffer.from(text).subarray(0, 252).toString()}...`

  test('that is cut off at 255 bytes is read where one meaning is left', () => {
    const long = 'é'.repeat(127)
    expect(readReply(cut(`NOT_FOUND - no exchange '${long}${long}' in vhost '/'`))).toMatchObject({
      kind: 'no-exchange',
      transient: false,
    })
  })

  test('that is cut off before its meaning is clear is not read', () => {
    const long = 'v'.repeat(255)
    expect(readReply(cut(`NOT_ALLOWED - access to vhost '${long}' refused for user 'u'`))).toBeUndefined()
  })

  test('that is short and ends in dots is not taken as cut off', () => {
    expect(readReply("NOT_FOUND - no exchange 'x...")).toBeUndefined()
  })
})
