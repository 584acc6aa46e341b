import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkContextName } from '#lib/domain/context/context.ts'

test.each(['default', 'staging', 'eu-west.1', '2', 'A_b', 'x'.repeat(64)])(
  '%j can be the name of a context',
  (name) => {
    expect(checkContextName(name)).toBe(name)
  },
)

test.each(['', '.', '..', '../x', 'a/b', '-x', '.draft-x', 'a b', 'a\n', 'a\u0000', 'ü', 'x'.repeat(65)])(
  '%j cannot be the name of a context',
  (name) => {
    expect(() => checkContextName(name)).toThrow(/cannot be the name of a context/)
  },
)

test('no name that is accepted leads out of the directory of contexts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      try {
        checkContextName(name)
      } catch {
        return
      }
      expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
    }),
  )
})
