import { printAddress, printSocket, type Socket, wiringKeyOf } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import { hintOf } from '#lib/services/check/advice.ts'
import type { CheckReport, SocketCheck } from '#lib/services/check/check.ts'
import type { RoutedQueueFacts } from '#lib/services/check/routed-queues.ts'
import type { CheckStep } from '#lib/services/check/steps.ts'
import { idOf, node, type WiringNode } from './wiring-node.ts'

/** The wiring of all subscriptions, a root for each event; from the store alone, or as it was checked. */
export function mapWiring(
  subscriptions: readonly Subscription[],
  report: CheckReport | undefined,
): readonly WiringNode[] {
  const checks = new Map(report?.checks.map((check) => [wiringKeyOf(check.socket), check]))
  return [...Map.groupBy(subscriptions, ({ event }) => event)].map(([event, subscribers]) => {
    const next = subscribers.map(({ socket }) =>
      socketNode(socket, checkedFor(event, checks.get(wiringKeyOf(socket)))),
    )
    return node({ kind: 'event', name: event, next })
  })
}

/** The check with the remedies of the event. */
function checkedFor(event: string, check: SocketCheck | undefined): SocketCheck | undefined {
  return check && { ...check, steps: check.steps.map((step) => ({ ...step, hint: hintOf(step, event) })) }
}

function socketNode(socket: Socket, check: SocketCheck | undefined): WiringNode {
  const printed = {
    kind: 'socket',
    name: printSocket(socket),
    id: idOf('socket', wiringKeyOf(socket)),
  } as const
  const next = [brokerNode(socket, check)]
  if (!check) return node({ ...printed, next })
  const refused = check.steps.find(
    ({ step, status }) => /^(?:publish|takes|probe)$/.test(step) && status === 'failed',
  )
  return node({
    ...printed,
    state: socketState(check.steps),
    note: refused?.reason ?? null,
    hint: refused?.hint ?? null,
    next,
  })
}

/** A socket is whole only where each step was seen to be. */
function socketState(steps: readonly CheckStep[]): CheckStep['status'] {
  if (steps.some(({ status }) => status === 'failed')) return 'failed'
  const isUnseen = ({ status }: CheckStep) => status === 'unknown' || status === 'hidden'
  return steps.some(isUnseen) ? 'unknown' : 'passed'
}

const brokerSteps: readonly CheckStep['step'][] = ['name', 'tcp', 'tls', 'amqp', 'login', 'vhost']

function brokerNode(socket: Socket, check: SocketCheck | undefined): WiringNode {
  const { hosts, vhost } = socket
  const named = {
    kind: 'broker',
    name: `${check?.host ?? hosts.map(printAddress).join(', ')}, vhost ${vhost}`,
  } as const
  const steps = check?.steps.filter(({ step }) => brokerSteps.includes(step)) ?? []
  const cut = steps.find(({ status }) => status === 'failed')
  // A login that is refused is no fault of the broker's, which others may reach.
  if (cut)
    return node({
      ...named,
      id: idOf('broker', named.name, cut.reason),
      state: 'failed',
      note: cut.reason ?? null,
      hint: cut.hint ?? null,
    })
  const about = steps.find(({ step }) => step === 'amqp')?.found ?? null
  const state = check ? 'passed' : null
  const place = named.name
  return node({ ...named, state, note: about, next: [exchangeNode(socket, check, place)] })
}

/** The exchange, or, behind the default one, the queue itself. */
function exchangeNode(socket: Socket, check: SocketCheck | undefined, place: string): WiringNode {
  const { exchange, routingKey } = socket
  const stepOf = (name: CheckStep['step']) => check?.steps.find(({ step }) => step === name)
  if (exchange === '') {
    const step = stepOf('queue')
    const takes = stepOf('takes')
    return queueNode(place, {
      name: routingKey,
      bindingKey: null,
      step,
      ...numbersIn(step),
      takes:
        takes?.status === 'passed' ||
        takes?.status === 'warning' ||
        (takes?.status === 'failed' ? false : null),
      obstacle: takes?.status === 'failed' ? (takes.reason ?? null) : null,
      loss: takes?.status === 'warning' ? (takes.reason ?? null) : null,
      hint: (takes?.hint === undefined ? step : takes)?.hint ?? null,
    })
  }
  const [found, route] = [stepOf('exchange'), stepOf('route')]
  const named = { kind: 'exchange', name: exchange, id: idOf('exchange', place, exchange) } as const
  if (!found || found.status === 'failed' || !route)
    return node({ ...named, ...stateOf(found), bindingKey: routingKey })
  const queues = (route.facts?.queues ?? []) as readonly RoutedQueueFacts[]
  const type = route.facts?.type ?? found.facts?.type
  return node({
    ...named,
    bindingKey: routingKey,
    state: queues.length > 0 ? 'passed' : route.status,
    note: queues.length > 0 ? (typeof type === 'string' ? type : null) : (route.reason ?? null),
    hint: queues.length > 0 ? null : (route.hint ?? null),
    next: queues.map((queue) => wayTo(queue, 0, place)),
  })
}

/** What lies behind the exchange of a hop: the next one's exchange, or the queue. */
function wayTo(queue: RoutedQueueFacts, hop: number, place: string): WiringNode {
  const { bindingKey = null } = queue.path[hop] ?? {}
  const further = queue.path[hop + 1]
  if (!further) return queueNode(place, { ...queue, bindingKey, step: undefined })
  return node({
    kind: 'exchange',
    name: further.exchange,
    id: idOf('exchange', place, further.exchange),
    bindingKey: bindingKey ?? 'alternate',
    state: 'passed',
    next: [wayTo(queue, hop + 1, place)],
  })
}

interface QueueFacts {
  readonly name: string
  readonly bindingKey: string | null
  readonly step: CheckStep | undefined
  readonly messages: number | null
  readonly consumers: number | null
  readonly takes: boolean | null
  readonly obstacle: string | null
  readonly loss: string | null
  /** What to do about it, or about consumers that are missing. */
  readonly hint: string | null
}

function queueNode(place: string, facts: QueueFacts): WiringNode {
  const { name, bindingKey, step, messages, consumers, takes, obstacle, loss, hint } = facts
  const named = { kind: 'queue', name, id: idOf('queue', place, name), bindingKey } as const
  if (consumers === null || messages === null) return node({ ...named, ...stateOf(step) })
  const many = (number: number, thing: string) => `${number} ${thing}${number === 1 ? '' : 's'}`
  const who = node({
    kind: 'consumers',
    id: idOf('consumers', place, name),
    name: many(consumers, 'consumer'),
    state: consumers > 0 ? 'passed' : 'warning',
    hint: consumers > 0 ? null : hint,
  })
  const held = many(messages, 'message')
  if (takes === false) return node({ ...named, state: 'failed', note: obstacle, hint, next: [who] })
  if (takes === true && loss !== null)
    return node({ ...named, state: 'warning', note: loss, hint, next: [who] })
  if (takes === true) return node({ ...named, state: 'passed', note: held, next: [who] })
  return node({
    ...named,
    state: 'unknown',
    note: `${held}; whether it takes more was not seen`,
    next: [who],
  })
}

function numbersIn(step: CheckStep | undefined): Pick<QueueFacts, 'messages' | 'consumers'> {
  const { messages, consumers } = step?.facts ?? {}
  return {
    messages: typeof messages === 'number' ? messages : null,
    consumers: typeof consumers === 'number' ? consumers : null,
  }
}

function stateOf(step: CheckStep | undefined): Pick<WiringNode, 'state' | 'note' | 'hint'> {
  return {
    state: step?.status ?? null,
    note: step ? step.reason || step.found || null : null,
    hint: step?.hint ?? null,
  }
}
