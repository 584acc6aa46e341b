import { millisecondsSince } from '#lib/async/milliseconds-since.ts'
import type { Broker, Timing } from '#lib/broker/broker.ts'
import type { ServerVersion } from '#lib/domain/opensips/server-version.ts'
import { likenessesOf, likenessOf, lookupText, type Subscriber } from '#lib/domain/opensips/subscriber.ts'
import { isBefore } from '#lib/domain/opensips/version.ts'
import { writeSocket } from '#lib/domain/opensips/write-socket.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import { type AskingListener, askForEach } from './asking.ts'
import { channelSteps } from './channel-step.ts'
import { unknownEventThere } from './failures.ts'
import type { OpenSipsStep } from './opensips-step.ts'

/** A socket of evi's, with the event; undefined where it is checked for whichever events it is subscribed to. */
export interface Expected {
  readonly event: string | undefined
  readonly socket: Socket
}

interface ExpectedCheck extends Expected {
  readonly steps: readonly OpenSipsStep[]
}

export interface OpenSipsCheck {
  readonly url: string
  /** Null where it was not reached. */
  readonly version: string | null
  readonly reached: OpenSipsStep
  readonly checks: readonly ExpectedCheck[]
  readonly failures: readonly ErrorCode[]
}

export interface OpenSipsCheckRequest {
  readonly expected: readonly Expected[]
  readonly timing: Timing
  readonly findManagement: ManagementFinder | undefined
  readonly listener: AskingListener
}

/** Follows the way from OpenSIPS to the socket: reached, event, subscriber, form, channel. It changes nothing. */
export async function checkOpenSips(
  { expected, timing, findManagement, listener }: OpenSipsCheckRequest,
  { openSips, broker }: { readonly openSips: OpenSips; readonly broker: Broker },
): Promise<OpenSipsCheck> {
  const url = openSips.printed
  const start = performance.now()
  try {
    const version = await openSips.version()
    const ms = millisecondsSince(start)
    const events = new Set(await openSips.events())
    const side: Side = { openSips, version, events, lists: new Map() }
    const channelStep = channelSteps({ broker, timing, findManagement })
    const checkOne = async (one: Expected): Promise<ExpectedCheck> => {
      const steps = await sideSteps(one, side)
      if (steps.some(({ status }) => status === 'failed')) return { ...one, steps }
      return { ...one, steps: [...steps, await channelStep(one.socket)] }
    }
    const checks = await askForEach(expected, checkOne, { openSips, listener })
    const failures = checks.flatMap(({ steps }) =>
      steps.flatMap(({ status, code }) => (status === 'failed' && code) || []),
    )
    const reached: OpenSipsStep = { step: 'reached', status: 'passed', found: version.text, ms }
    return { url, version: version.text, reached, checks, failures }
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    const { code, message: reason, hint } = error
    const reached: OpenSipsStep = { step: 'reached', status: 'failed', found: '', code, reason, hint }
    return { url, version: null, reached, checks: [], failures: [code] }
  }
}

interface Side {
  readonly openSips: OpenSips
  readonly version: ServerVersion
  readonly events: ReadonlySet<string>
  /** The subscribers of the events that were asked for. */
  readonly lists: Map<string, Promise<SubscriberList>>
}

interface SubscriberList {
  readonly all: readonly Subscriber[]
  readonly byLikeness: ReadonlyMap<string, readonly Subscriber[]>
}

async function sideSteps({ event, socket }: Expected, side: Side): Promise<OpenSipsStep[]> {
  if (event === undefined) return [await someEventStep(socket, side), formStep(socket, side.version)]
  const registered = eventStep(event, side)
  if (registered.status === 'failed') return [registered]
  return [registered, await subscribedStep(event, socket, side), formStep(socket, side.version)]
}

function eventStep(event: string, { openSips, events }: Side): OpenSipsStep {
  if (events.has(event)) return { step: 'event', status: 'passed', found: 'registered' }
  const { code, message: reason, hint } = unknownEventThere(openSips, event, [...events])
  return { step: 'event', status: 'failed', found: '', code, reason, hint }
}

async function subscribedStep(event: string, socket: Socket, side: Side): Promise<OpenSipsStep> {
  const list = side.lists.get(event) ?? listOf(event, side)
  side.lists.set(event, list)
  const { all, byLikeness } = await list
  const found = likenessesOf(socket, side.version).flatMap((likeness) => byLikeness.get(likeness) ?? [])
  for (const { printed } of found)
    if (await hasThisPort(event, { socket, printed }, side))
      return { step: 'subscribed', status: 'passed', found: printed }
  const [first] = found
  return first === undefined
    ? notSubscribed(event, `OpenSIPS does not send ${event} there${listed(all)}.`)
    : notSubscribed(event, `OpenSIPS has ${first.printed}, but with another port.`)
}

async function listOf(event: string, { openSips, version }: Side): Promise<SubscriberList> {
  const all = (await openSips.subscribers(event)) ?? []
  return { all, byLikeness: Map.groupBy(all, ({ printed }) => likenessOf(printed, version)) }
}

/** OpenSIPS does not print the port, and compares it. */
async function hasThisPort(
  event: string,
  { socket, printed }: { readonly socket: Socket; readonly printed: string },
  { openSips, version }: Side,
): Promise<boolean> {
  for (const host of socket.hosts) {
    const text = lookupText({ ...socket, hosts: [host] }, printed, version)
    if (text !== undefined && (await openSips.hasSubscriber(event, text))) return true
  }
  return false
}

/** Without an event: those that OpenSIPS sends to the socket. */
async function someEventStep(socket: Socket, side: Side): Promise<OpenSipsStep> {
  const likenesses = likenessesOf(socket, side.version)
  const events: string[] = []
  for (const { event, subscribers } of await side.openSips.allSubscribers()) {
    const alike = subscribers.filter(({ printed }) => likenesses.includes(likenessOf(printed, side.version)))
    for (const { printed } of alike)
      if (!events.includes(event) && (await hasThisPort(event, { socket, printed }, side))) events.push(event)
  }
  if (events.length === 0) return notSubscribed('EVENT', 'OpenSIPS sends no event there.')
  return { step: 'subscribed', status: 'passed', found: events.join(', ') }
}

function notSubscribed(event: string, reason: string): OpenSipsStep {
  return {
    step: 'subscribed',
    status: 'failed',
    found: '',
    code: 'no-subscriber',
    reason,
    hint: `Subscribe it in opensips.cfg, as evi writes it: evi export ${event}`,
  }
}

/** Subscribers that are named where the wanted one is not there. */
const shown = 3

function listed(subscribers: readonly Subscriber[]): string {
  if (subscribers.length === 0) return '; it has no subscriber'
  const names = subscribers.slice(0, shown).map(({ printed }) => printed)
  const more = subscribers.length > shown ? `, and to ${subscribers.length - shown} more` : ''
  return `, but to ${names.join(', ')}${more}`
}

/** Whether this version reads the socket, and how it has to be written for it. */
function formStep(socket: Socket, version: ServerVersion): OpenSipsStep {
  const written = writeSocket(socket, { version, password: undefined })
  if ('refused' in written) {
    const reason = `${version.text} cannot take the socket: ${written.refused.join('; ')}.`
    const hint = 'Subscribe one that it can take: evi subscribe EVENT SOCKET'
    return { step: 'form', status: 'failed', found: '', code: 'opensips-refused', reason, hint }
  }
  const found = written.text
  if (!socket.persistent || isBefore(version, '3.6')) return { step: 'form', status: 'passed', found }
  return {
    step: 'form',
    status: 'warning',
    found,
    reason: 'OpenSIPS 3.6 and 4.0 lose every event of a socket with persistent.',
    hint: 'Leave persistent out in opensips.cfg; OpenSIPS does not print whether it is there.',
  }
}
