import { remember } from '#lib/async/remember.ts'
import type { Topology } from '#lib/domain/routing/route.ts'
import type { Management } from '#lib/management/management.ts'
import { adviserFor } from './advice.ts'
import type { CheckRequest } from './check.ts'
import { ListedManagement } from './listed-management.ts'
import type { ManagementFinder } from './management-finder.ts'
import { queueJudge } from './queue-check.ts'
import { routeJudge } from './route-check.ts'
import { topologyBehind } from './topology.ts'

/** Advice is waited for a fifth of the time that a verdict is worth. */
const waitsOfAdvice = 5

/**
 * The judges for one look at many sockets, by the management APIs that are found; what those have answered is not asked again,
 * so the next look takes other judges.
 *
 * @param replyTimeout milliseconds
 */
export function judgesForOneLook(
  find: ManagementFinder | undefined,
  replyTimeout: number,
): Pick<CheckRequest, 'judgeRoute' | 'judgeQueue' | 'advise'> {
  const listed = find && listedFinder(find)
  const topologyOf = rememberedTopologies()
  return {
    judgeRoute: routeJudge(listed, topologyOf),
    judgeQueue: queueJudge(listed, topologyOf),
    advise: adviserFor(listed, Math.round(replyTimeout / waitsOfAdvice)),
  }
}

function listedFinder(find: ManagementFinder): ManagementFinder {
  const known = new WeakMap<object, ListedManagement>()
  const finder: ManagementFinder = async (socket, connection) => {
    const management = await find(socket, connection)
    if (!management) return undefined
    const listed = known.get(management) ?? new ListedManagement(management)
    known.set(management, listed)
    return listed
  }
  return find.isGuess ? Object.assign(finder, { isGuess: find.isGuess }) : finder
}

/** One topology serves all sockets of an exchange. */
function rememberedTopologies(): typeof topologyBehind {
  const known = new WeakMap<Management, (place: string) => Promise<Topology>>()
  return async (management, vhost, exchange) => {
    const read = async (place: string) =>
      await topologyBehind(management, ...(JSON.parse(place) as [string, string]))
    const topologyOf = known.get(management) ?? remember(read)
    known.set(management, topologyOf)
    return await topologyOf(JSON.stringify([vhost, exchange]))
  }
}
