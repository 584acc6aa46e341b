import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import { connectionFlags, quietFlag, renamedReplyTimeoutFlag } from '#lib/cli/flags/shared/common.ts'
import { passwordFlags } from '#lib/cli/flags/shared/socket.ts'
import { queueTypes } from '#lib/domain/routing/declaration.ts'

/** The flags of `evi declare`, each checked. */
export const declareFlags = {
  quiet: quietFlag,
  queue: Flags.string({
    description: 'queue to bind to a named exchange; named like the routing key by default',
    helpValue: 'NAME',
  }),
  type: Flags.option({
    description: "type of a queue that is made; the vhost's default type by default",
    options: queueTypes,
  })(),
  'exchange-type': Flags.string({
    description: 'make the exchange, too, if it is missing: direct, fanout, topic, headers or another type',
    helpValue: 'TYPE',
  }),
  header: Flags.string({
    description: 'what a headers exchange compares, as NAME=VALUE or NAME:=JSON; several times',
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  ...passwordFlags,
  ...connectionFlags,
  'reply-timeout': renamedReplyTimeoutFlag,
}

export type DeclareFlags = InferredFlags<typeof declareFlags> & {
  readonly json: boolean
  readonly context?: string | undefined
}
