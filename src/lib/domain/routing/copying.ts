/** Arguments for a binding that takes every message with its routing key. */
export type BindingArguments = Readonly<Record<string, unknown>>

const none: BindingArguments = {}

/** An exchange of it routes by another type, which AMQP does not show. */
export const delayedType = 'x-delayed-message'

/** The exchange types that give a copy to each binding which fits, by the arguments that a binding needs there. */
const copying: Readonly<Record<string, BindingArguments>> = {
  direct: none,
  topic: none,
  fanout: none,
  // Without arguments of its own a binding takes every message, whatever its headers.
  headers: none,
  'x-recent-history': none,
  // A binding without a selector ends the connection (RabbitMQ 3.10 to 4.3).
  'x-jms-topic': { rjms_erlang_selector: 'true.' },
  [delayedType]: none,
}

/**
 * What a binding needs in order to get copies from an exchange of that type; undefined where each message goes to one
 * queue only, as with x-random, or where that is not known, so that a queue of evi's own might take a consumer's share.
 */
export function copyingBinding(type: string): BindingArguments | undefined {
  return Object.hasOwn(copying, type) ? copying[type] : undefined
}

/** The exchanges that each vhost has from its beginning, and their types; none of them has arguments. */
export const predeclaredTypes: ReadonlyMap<string, string> = new Map([
  ['amq.direct', 'direct'],
  ['amq.fanout', 'fanout'],
  ['amq.headers', 'headers'],
  ['amq.match', 'headers'],
  ['amq.rabbitmq.trace', 'topic'],
  ['amq.topic', 'topic'],
])
