import { rabbitmqctl } from '#lib/domain/failure/remedies.ts'
import type { Caution } from '#lib/services/tail/examine-exchange.ts'
import type { Watched } from '#lib/services/tail/tail-request.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { alikeSockets, namedBySample } from './alike-sockets.ts'

type ExchangeCaution = Extract<Caution, { readonly exchange: string }>

/** What may happen to others, and how to know. */
export function warningOf(caution: Caution): string {
  switch (caution.kind) {
    case 'exchange':
      return (
        `This user cannot see the type of the exchange "${visibleLine(caution.exchange)}", nor its alternate exchange: ` +
        'evi may take messages from its consumers. To be sure: --management URL'
      )
    case 'policy':
      return (
        'evi cannot see whether a policy sets an alternate exchange. If one does, that exchange misses, while evi watches, the events that ' +
        `only evi is bound for. To be sure: --management URL${caution.isListed ? ' as a user with the tag policymaker' : ''}`
      )
    case 'delayed':
      return (
        `The exchange "${visibleLine(caution.exchange)}" delays its messages, and AMQP does not show by which type it routes them: ` +
        'evi may take messages from its consumers. To be sure: --management URL'
      )
    case 'auto-delete':
      return `The exchange "${visibleLine(caution.exchange)}" is auto-delete: if no other queue is bound to it, it goes when evi ends.`
    case 'management':
      return visibleLine(caution.reason)
  }
}

/** The same of many other exchanges. */
export function warningOfOthers(cautions: readonly ExchangeCaution[]): string {
  const [first] = cautions
  if (!first) return ''
  const others = `${count(cautions.length)} other exchanges`
  const example = `such as "${visibleLine(first.exchange)}".`
  switch (first.kind) {
    case 'exchange':
      return `This user cannot see the types of ${others}, either, ${example}`
    case 'delayed':
      return `${others} delay their messages, too, ${example}`
    case 'auto-delete':
      return `${others} are auto-delete, too, ${example}`
  }
}

/** What a person should know of the way sockets are watched, once for the many of one exchange. */
export function remarksOn(watched: readonly Watched[]): readonly string[] {
  const kinds = Map.groupBy(watched, ({ kind, vhost }) => JSON.stringify([kind, vhost]))
  return [...kinds.values()].flatMap((alike) => {
    const [{ kind, vhost }] = alike as [Watched]
    return alikeSockets(alike.map(({ socket }) => socket)).flatMap(
      (sockets) => remarkOn(kind, sockets, vhost) ?? [],
    )
  })
}

function remarkOn(
  kind: Watched['kind'],
  sockets: readonly [string, ...string[]],
  vhost: string,
): string | undefined {
  const names = namedBySample(sockets)
  const isOne = sockets.length === 1
  switch (kind) {
    case 'copy':
      return undefined
    case 'stand-in':
      return `No queue takes ${names}, so evi stands in: no consumer can declare ${isOne ? 'it' : 'one of them'} while evi watches.`
    case 'stream':
      return `${isOne ? `The queue of ${names} is a stream` : `The queues of ${names} are streams`}: evi reads along and takes nothing.`
    case 'firehose':
      return `Nothing of ${names} is seen until tracing is on, which evi cannot see: ${rabbitmqctl('trace_on', vhost)}`
  }
}
