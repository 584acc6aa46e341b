import type { Subscriber } from '#lib/domain/opensips/subscriber.ts'
import { EviError } from '#lib/errors.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'
import { nearest } from '#lib/text/nearest.ts'

/**
 * The failure where OpenSIPS has no such event, with the nearest one that it has.
 *
 * @param events those that it knows
 */
export function unknownEventThere(
  { printed }: Pick<OpenSips, 'printed'>,
  event: string,
  events: readonly string[],
): EviError {
  const near = nearest(event, events)
  const hint =
    near === undefined
      ? 'Load the module that raises it, or subscribe it in opensips.cfg, which registers it.'
      : `Did you mean ${near}? Names are case-sensitive.`
  return new EviError('not-found', `OpenSIPS at ${printed} does not know the event ${event}.`, { hint })
}

/**
 * The failure where the event has no rabbitmq subscriber in OpenSIPS.
 *
 * @param others subscribers of other transports
 */
export function noSubscriberThere(
  { printed }: Pick<OpenSips, 'printed'>,
  event: string,
  others: readonly Subscriber[],
): EviError {
  const them = others.map((one) => one.printed).join(', ')
  const message =
    others.length === 0
      ? `${event} has no subscriber in OpenSIPS at ${printed}.`
      : `${event} has no rabbitmq subscriber in OpenSIPS at ${printed}, but ${them}.`
  return new EviError('no-subscriber', message, {
    hint: `Subscribe it in opensips.cfg, as evi writes it: evi export ${event}`,
  })
}
