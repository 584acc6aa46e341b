import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import {
  connectionFlags,
  managementFlag,
  openSipsFlag,
  quietFlag,
  renamedReplyTimeoutFlag,
} from '#lib/cli/flags/shared/common.ts'
import { loginPartFlags } from '#lib/cli/flags/shared/login-parts.ts'
import { socketFlags } from '#lib/cli/flags/shared/socket.ts'
import { watchFlag } from '#lib/cli/flags/shared/watch.ts'
import { checkMetricsName } from '#lib/files/metrics-file.ts'

/** The event that `--probe` really sends. */
export const probeEvent = 'E_EVI_PROBE'

/** The flags of `evi check`, each checked. */
export const checkFlags = {
  quiet: quietFlag,
  ...socketFlags('check this socket, subscribed or not'),
  ...loginPartFlags,
  management: managementFlag,
  opensips: openSipsFlag,
  prometheus: Flags.string({
    description: "write the result as metrics to this file, NAME.prom, for Prometheus' node exporter",
    helpValue: 'FILE',
    parse: async (path) => checkMetricsName(path),
  }),
  failed: Flags.boolean({ description: 'show only what is broken' }),
  verbose: Flags.boolean({ description: 'show all steps, those that passed too', exclusive: ['failed'] }),
  probe: Flags.boolean({
    description: `really send each subscriber an event, ${probeEvent}, and report what became of it`,
  }),
  watch: watchFlag,
  ...connectionFlags,
  'reply-timeout': renamedReplyTimeoutFlag,
}

export type CheckFlags = InferredFlags<typeof checkFlags> & { readonly json: boolean }
