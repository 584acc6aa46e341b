import type { ReadingWarning } from '#lib/domain/opensips/reading.ts'
import type { Doubt, Made } from './made-subscriptions.ts'

const take = 'To take it all the same: --all-routes'

/** What is to be said of a subscription that OpenSIPS may not make at startup. */
export function doubtWarning(
  { statement, route }: Made,
  doubt: Doubt,
): Pick<ReadingWarning, 'code' | 'message'> {
  switch (doubt) {
    case 'condition':
      return {
        code: 'condition',
        message: `It depends on a condition or an exit whether OpenSIPS makes it at startup. ${take}`,
      }
    case 'expiry':
      return {
        code: 'variable',
        message: `The expiry is ${statement.expire?.value}: OpenSIPS makes the subscription only where that is an integer. ${take}`,
      }
    case 'no-route':
      return {
        code: 'not-in-a-route',
        message: `It stands outside of any route, as in a file to be included. ${take}`,
      }
    case 'other-route':
      return { code: 'not-at-startup', message: `${route.name} is not run at startup. ${take}` }
  }
}
