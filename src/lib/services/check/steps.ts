import type { LookupResult, PublishOutcome, QueueLookup, Rehearsal, Stage } from '#lib/broker/broker.ts'
import { noExchange, noQueue, onBroker, type Remedy, rabbitmqctl } from '#lib/domain/failure/remedies.ts'
import { predeclaredTypes } from '#lib/domain/routing/copying.ts'
import { printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError, type Failure } from '#lib/errors.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'
import { firstOf } from '#lib/text/first-of.ts'

/** One step along a wiring, and how it went. */
export interface CheckStep {
  readonly step: Stage['step'] | 'exchange' | 'queue' | 'route' | 'publish' | 'takes' | 'probe'
  /**
   * `warning`: the event gets on, but something is not as it should be. `hidden`: not permitted to look.
   * `unknown`: it cannot be known this way.
   */
  readonly status: 'passed' | 'warning' | 'hidden' | 'unknown' | 'failed'
  /** What was found, in short. */
  readonly found: string
  /** Of the steps to a broker: the host. */
  readonly host?: string
  readonly ms?: number
  /** Unless it passed: why, in a sentence, and what to do. */
  readonly reason?: string
  readonly hint?: string | undefined
  /** Of a failure, or of why it is unknown what was asked for. */
  readonly code?: ErrorCode
  /** What was found, for programs. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** Days; a certificate that ends sooner is reported. */
const certificateWarning = 14

/** A step to the broker. A host that fails is a cut only where there is no further one to try. */
export function stageStep({ host, step, ms, failure, ...facts }: Stage, socket: Socket): CheckStep {
  const place = { step, host: printAddress(host), ms }
  if (failure) {
    const { code, message: reason, hint } = failure
    const last = code !== 'unreachable' || host === socket.hosts.at(-1)
    return last
      ? { ...place, status: 'failed', found: '', reason, hint, code }
      : { ...place, status: 'warning', found: 'the next host is tried', reason, hint }
  }
  const found = {
    ...place,
    status: 'passed',
    found: foundAt({ host, step, ms, ...facts }, socket),
    facts,
  } as const
  const { tls } = facts
  if (!tls || tls.daysLeft >= certificateWarning) return found
  return {
    ...found,
    status: 'warning',
    reason:
      tls.daysLeft < 0 ? 'The certificate has expired.' : `The certificate expires in ${tls.daysLeft} days.`,
    hint: 'Renew it on the broker.',
  }
}

function foundAt({ step, addresses, tls, broker, mechanism }: Stage, { user, vhost }: Socket): string {
  switch (step) {
    case 'name':
    case 'tcp':
      return addresses?.join(', ') ?? ''
    case 'tls': {
      if (!tls) return ''
      const verified = tls.verified ? '' : ', not verified'
      return `${tls.protocol}, ${firstOf(tls.names, ' ')}, issued by ${tls.issuer}, ${tls.daysLeft} days left${verified}`
    }
    case 'amqp':
      return broker ?? ''
    case 'login':
      return mechanism === 'EXTERNAL' ? 'by certificate' : user
    case 'vhost':
      return vhost
  }
}

/** Whether there is the socket's exchange. */
export function exchangeStep(socket: Socket, result: LookupResult): CheckStep {
  const { exchange } = socket
  if (result.found === 'forbidden') return forbidden('exchange', `exchange "${exchange}"`, result.reason)
  if (!result.found)
    return {
      step: 'exchange',
      status: 'failed',
      found: '',
      code: 'no-exchange',
      ...noExchange(socket, result.quote),
    }
  const type = predeclaredTypes.get(exchange) ?? null
  return {
    step: 'exchange',
    status: 'passed',
    found: type === null ? exchange : `${exchange}, ${type}`,
    facts: { exchange, type },
  }
}

/** On the default exchange the routing key is the queue's name. */
export function queueStep(socket: Socket, result: QueueLookup): CheckStep {
  const { routingKey: queue } = socket
  if (result.found === 'forbidden') return forbidden('queue', `queue "${queue}"`, result.reason)
  if (result.found === 'exclusive') {
    const found = `${queue}, exclusive to another connection`
    return { step: 'queue', status: 'passed', found, facts: { queue, exclusive: true } }
  }
  if (!result.found)
    return {
      step: 'queue',
      status: 'failed',
      found: '',
      code: 'unroutable',
      ...noQueue(socket, result.quote),
    }
  const { messages, consumers } = result
  const facts = { queue, messages, consumers }
  const found = `${queue}, ${count(messages, 'message')}, ${count(consumers, 'consumer')}`
  if (consumers > 0) return { step: 'queue', status: 'passed', found, facts }
  return {
    step: 'queue',
    status: 'warning',
    found,
    facts,
    ...noConsumer(socket),
  }
}

/** What is wrong with the socket's queue where it has no consumer. */
export function noConsumer(socket: Socket): Remedy {
  const { routingKey: queue, vhost } = socket
  return {
    reason: `No consumer takes from the queue "${queue}": events wait there, as far as its limits allow.`,
    hint: `Start its consumer; who consumes${onBroker(socket)}: ${rabbitmqctl('list_consumers', vhost)}`,
  }
}

/** Whether the broker would take a message for the socket. */
export function publishStep({ user, anonymous, exchange }: Socket, rehearsal: Rehearsal): CheckStep {
  if ('code' in rehearsal) return stepOf('publish', rehearsal)
  const place = exchange === '' ? 'the default exchange' : exchange
  // A certificate may be the login, and the user another one than the socket's default.
  const who = anonymous ? 'this login' : user
  return { step: 'publish', status: 'passed', found: `${who} may publish to ${place}` }
}

/** What became of the probe. */
export function probeStep(outcome: PublishOutcome): CheckStep {
  return 'code' in outcome
    ? stepOf('probe', outcome)
    : { step: 'probe', status: 'passed', found: 'routed and confirmed' }
}

/** What AMQP itself does not show of a named exchange. */
export function unknownRoute(): CheckStep {
  return {
    step: 'route',
    status: 'unknown',
    found: '',
    reason: 'AMQP does not show what is bound to an exchange.',
    hint: 'Look by the management API: --management http://HOST:15672, or send a test message: --probe',
  }
}

/** What only the management API shows, which does not answer or refuses the user: the wiring may be whole nevertheless. */
export function unseenStep(step: CheckStep['step'], { code, message: reason, hint }: EviError): CheckStep {
  return { step, status: code === 'refused' ? 'hidden' : 'unknown', found: '', reason, hint, code }
}

/** A step that got no answer. @throws what is no failure of the broker's */
export function failedStep(step: CheckStep['step'], error: unknown): CheckStep {
  if (!(error instanceof EviError)) throw error
  return stepOf(step, error)
}

function stepOf(step: CheckStep['step'], { code, message, hint }: Failure): CheckStep {
  return { step, status: 'failed', found: '', code, reason: message, hint }
}

/** The step for a thing that may be there or not, as the user is not permitted to look for it. */
function forbidden(step: 'exchange' | 'queue', thing: string, reason: string): CheckStep {
  return {
    step,
    status: 'hidden',
    found: '',
    reason: `Not permitted to look for the ${thing}: ${reason}.`,
    hint: 'It may well be there; a user with more permissions can see it.',
  }
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}
