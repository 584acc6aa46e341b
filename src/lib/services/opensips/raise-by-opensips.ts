import type { Broker, Timing } from '#lib/broker/broker.ts'
import { buildNotification } from '#lib/domain/event/notification.ts'
import type { Subscriber } from '#lib/domain/opensips/subscriber.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { exitCodeOfAll } from '#lib/exit-codes.ts'
import { NotAsked, type OpenSips } from '#lib/opensips/opensips.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import type { AskingListener } from './asking.ts'
import { channelSteps } from './channel-step.ts'
import { explainLosses } from './explain-losses.ts'
import { noSubscriberThere, unknownEventThere } from './failures.ts'
import { type LocatedEvent, locateSubscribers } from './locate-subscribers.ts'
import type { ProvenSubscriber } from './watch/proven-subscriber.ts'
import { watchPlaces } from './watch/watched-places.ts'

export interface RaiseByOpenSipsRequest {
  readonly event: string
  /** A JSON object of strings and 32-bit integers. */
  readonly params: string | undefined
  /** Sockets that lend their ports and logins. */
  readonly known: readonly Socket[]
  readonly timing: Timing
  readonly findManagement: ManagementFinder
  readonly listener: AskingListener
  /** Whether to go on, once it is known who gets the event. */
  readonly confirm: (subscribers: readonly Subscriber[]) => Promise<boolean>
}

export interface RaiseByOpenSipsReport {
  readonly event: string
  readonly payload: string
  readonly bytes: number
  readonly openSips: { readonly url: string; readonly version: string }
  /** How often it was raised. */
  readonly attempts: number
  /** In OpenSIPS's order, the newest first. */
  readonly results: readonly ProvenSubscriber[]
  /** Subscribers of other transports, which got it, too, as far as OpenSIPS says. */
  readonly others: readonly string[]
  readonly exit: number
}

/** OpenSIPS loses the first event after its connection was cut, and notices that at the second one. */
const mostAttempts = 2

/**
 * Has OpenSIPS raise the event, watching the place of each of its rabbitmq subscribers before. That OpenSIPS says OK is
 * never a success: what counts is what arrives.
 *
 * @returns undefined where it was not confirmed, and nothing raised
 * @throws EviError where OpenSIPS does not raise it, or no subscriber's place can be watched
 */
export async function raiseByOpenSips(
  request: RaiseByOpenSipsRequest,
  { openSips, broker }: { readonly openSips: OpenSips; readonly broker: Broker },
): Promise<RaiseByOpenSipsReport | undefined> {
  const { event, params, timing, findManagement } = request
  const version = await openSips.version()
  const subscribers = await openSips.subscribers(event)
  if (subscribers === undefined) throw unknownEventThere(openSips, event, await openSips.events())
  const [rabbitmq, others] = [true, false].map((is) =>
    subscribers.filter(({ transport }) => (transport === 'rabbitmq') === is),
  ) as [Subscriber[], Subscriber[]]
  if (rabbitmq.length === 0) throw noSubscriberThere(openSips, event, others)
  const [found] = await locateSubscribers(
    [{ event, subscribers: rabbitmq }],
    { ...request, version, guess: true },
    openSips,
  )
  const { subscribers: located } = found as LocatedEvent
  const payload = buildNotification(event, { named: [], unnamed: [], whole: params })
  const body = Buffer.from(payload)
  await using places = await watchPlaces(located, { ...request, body, openSipsUrl: openSips.printed }, broker)
  places.requireOne()
  if (!(await request.confirm(subscribers))) return undefined
  let attempts = 0
  do {
    attempts++
    await places.begin()
    const silence = await openSips.raise(event, params).then(
      () => undefined,
      (error: unknown) => refuseUnlessSilent(error, attempts),
    )
    await places.wait(timing.replyTimeout)
    if (silence && places.lacksSome) throw silence
  } while (attempts < mostAttempts && places.lacksSome)
  const results = await explainLosses(places.results(), channelSteps({ broker, timing, findManagement }))
  const failures = results.flatMap(({ code }) => code ?? [])
  return {
    event,
    payload,
    bytes: body.length,
    openSips: { url: openSips.printed, version: version.text },
    attempts,
    results,
    others: others.map(({ printed }) => printed),
    exit: exitCodeOfAll(results.length - failures.length, failures),
  }
}

/**
 * What OpenSIPS was asked for it may have done, though its answer did not come.
 *
 * @throws the error where it was not asked, or refuses
 */
function refuseUnlessSilent(error: unknown, attempt: number): EviError {
  if (!(error instanceof EviError && error.code === 'unreachable')) throw error
  const { code, message, hint } = error
  if (!(error instanceof NotAsked))
    return new EviError(code, `${message} It may have raised the event nevertheless.`, { hint, cause: error })
  const outcome =
    attempt === 1
      ? 'It got no request: the event was not raised.'
      : 'It got no second request; the event was raised once, and not seen everywhere in time.'
  throw new NotAsked(code, `${message} ${outcome}`, { hint, cause: error })
}
