import { expect, test } from 'vitest'
import { warningOf } from '#lib/views/tail/remarks.ts'

test.each([
  [false, '--management URL'],
  [true, '--management URL as a user with the tag policymaker'],
])(
  'a policy that cannot be seen is shown by a way that was not tried (management API: %s)',
  (isListed, way) => {
    expect(warningOf({ kind: 'policy', isListed })).toBe(
      'evi cannot see whether a policy sets an alternate exchange. If one does, that exchange misses, while evi watches, ' +
        `the events that only evi is bound for. To be sure: ${way}`,
    )
  },
)
