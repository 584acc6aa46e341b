import type { Broker, Timing } from '#lib/broker/broker.ts'
import type { ServerVersion } from '#lib/domain/opensips/server-version.ts'
import { isPrintedAs, type Subscriber } from '#lib/domain/opensips/subscriber.ts'
import { isBefore } from '#lib/domain/opensips/version.ts'
import { writeSocket } from '#lib/domain/opensips/write-socket.ts'
import { connectionKeyOf, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'
import type { ManagementFinder } from '#lib/services/check/management-finder.ts'
import { channelStep } from './channel-step.ts'
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
}

/** Follows the way from OpenSIPS to the socket: reached, event, subscriber, form, channel. It changes nothing. */
export async function checkOpenSips(
  { expected, timing, findManagement }: OpenSipsCheckRequest,
  { openSips, broker }: { readonly openSips: OpenSips; readonly broker: Broker },
): Promise<OpenSipsCheck> {
  const url = openSips.printed
  const start = performance.now()
  try {
    const version = await openSips.version()
    const ms = Math.round((performance.now() - start) * 10) / 10
    const events = await openSips.events()
    const checks: ExpectedCheck[] = []
    // Many events lead to one socket, and many sockets to one broker.
    const channels = new Map<string, OpenSipsStep>()
    const lists = new Map<string, readonly Subscriber[]>()
    for (const one of expected) {
      const steps = await sideSteps(one, { openSips, version, events, lists })
      if (!steps.some(({ status }) => status === 'failed')) {
        const key = connectionKeyOf(one.socket)
        const channel =
          channels.get(key) ?? (await channelStep(one.socket, { broker, timing, findManagement }))
        channels.set(key, channel)
        steps.push(channel)
      }
      checks.push({ ...one, steps })
    }
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
  readonly events: readonly string[]
  /** The subscribers of the events that were asked for. */
  readonly lists: Map<string, readonly Subscriber[]>
}

async function sideSteps({ event, socket }: Expected, side: Side): Promise<OpenSipsStep[]> {
  if (event === undefined) return [await someEventStep(socket, side), formStep(socket, side.version)]
  const registered = eventStep(event, side)
  if (registered.status === 'failed') return [registered]
  return [registered, await subscribedStep(event, socket, side), formStep(socket, side.version)]
}

function eventStep(event: string, { openSips, events }: Side): OpenSipsStep {
  if (events.includes(event)) return { step: 'event', status: 'passed', found: 'registered' }
  const { code, message: reason, hint } = unknownEventThere(openSips, event, events)
  return { step: 'event', status: 'failed', found: '', code, reason, hint }
}

async function subscribedStep(event: string, socket: Socket, side: Side): Promise<OpenSipsStep> {
  const { openSips, version, lists } = side
  const subscribers = lists.get(event) ?? (await openSips.subscribers(event)) ?? []
  lists.set(event, subscribers)
  const alike = subscribers.filter(({ printed }) => isPrintedAs(socket, printed))
  const written = writeSocket(socket, { version, password: undefined })
  const [first] = alike
  if (first !== undefined) {
    const found = first.printed
    // OpenSIPS does not print the port, and compares it.
    const has = 'refused' in written || (await openSips.hasSubscriber(event, written.text))
    if (has) return { step: 'subscribed', status: 'passed', found }
    return notSubscribed(event, `OpenSIPS has ${found}, but with another port.`)
  }
  return notSubscribed(event, `OpenSIPS does not send ${event} there${listed(subscribers)}.`)
}

/** Without an event: those that OpenSIPS sends to the socket. */
async function someEventStep(socket: Socket, { openSips }: Side): Promise<OpenSipsStep> {
  const all = await openSips.allSubscribers()
  const events = all.filter(({ subscribers }) =>
    subscribers.some(({ printed }) => isPrintedAs(socket, printed)),
  )
  if (events.length === 0) return notSubscribed('EVENT', 'OpenSIPS sends no event there.')
  return { step: 'subscribed', status: 'passed', found: events.map(({ event }) => event).join(', ') }
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
