import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import { expireFlag, quietFlag } from '#lib/cli/flags/shared/common.ts'
import { passwordFlags } from '#lib/cli/flags/shared/socket.ts'

const part = { helpGroup: 'SOCKET BY PARTS' }

/** The flags of `evi subscribe`, each checked. */
export const subscribeFlags = {
  quiet: quietFlag,
  expire: expireFlag,
  batch: Flags.string({
    description:
      'add many in one write: a line each, EVENT SOCKET [TIME] or JSON; all or none; - reads standard input',
    helpValue: 'FILE',
    exclusive: ['check'],
  }),
  'set-passwords': Flags.boolean({
    description:
      'give the password of these flags to stored subscriptions of the batch, too, if their lines name none',
    dependsOn: ['batch'],
  }),
  check: Flags.boolean({
    description: 'follow the wiring first, as evi check does, and store nothing if it is cut',
  }),
  ...passwordFlags,
  host: Flags.string({
    ...part,
    description: 'host of the broker; several times for a cluster',
    multiple: true,
    multipleNonGreedy: true,
  }),
  port: Flags.string({ ...part, description: 'port of the hosts that name none; 5672, or 5671 with TLS' }),
  user: Flags.string({ ...part, description: 'user to log in as (default: guest)' }),
  vhost: Flags.string({ ...part, description: 'virtual host (default: /)' }),
  exchange: Flags.string({ ...part, description: 'exchange (default: the default exchange)' }),
  'routing-key': Flags.string({
    ...part,
    description: 'routing key; on the default exchange the name of the queue',
  }),
  'tls-domain': Flags.string({ ...part, description: 'TLS domain to connect with' }),
  persistent: Flags.boolean({ ...part, description: 'have messages written to disk' }),
}

export type SubscribeFlags = InferredFlags<typeof subscribeFlags> & { readonly json: boolean }
