import { rabbitmqctl } from '#lib/domain/failure/remedies.ts'
import type { Caution } from '#lib/services/tail/examine-exchange.ts'
import type { Watched } from '#lib/services/tail/tail-request.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'

/** What may happen to others, and how to know. */
export function warningOf(caution: Caution): string {
  switch (caution.kind) {
    case 'exchange':
      return (
        `This user cannot see the type of the exchange "${visibleLine(caution.exchange)}", nor its alternate exchange: ` +
        'evi may take messages from its consumers. To be sure: --management URL'
      )
    case 'policy':
      return 'Policies cannot be seen over AMQP: an alternate exchange set by one misses events while evi watches. To be sure: --management URL'
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

/** What a person should know of the way each socket is watched. */
export function remarksOn(watched: readonly Watched[]): readonly string[] {
  return watched.map(remarkOn).filter((remark) => remark !== undefined)
}

function remarkOn({ kind, socket, vhost }: Watched): string | undefined {
  switch (kind) {
    case 'copy':
      return undefined
    case 'stand-in':
      return `No queue takes ${socket}, so evi stands in: no consumer can declare it while evi watches.`
    case 'stream':
      return `The queue of ${socket} is a stream: evi reads along and takes nothing.`
    case 'firehose':
      return `Nothing of ${socket} is seen until tracing is on, which evi cannot see: ${rabbitmqctl('trace_on', vhost)}`
  }
}
