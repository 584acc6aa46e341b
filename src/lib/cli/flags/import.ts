import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import { openSipsFlag, quietFlag } from '#lib/cli/flags/shared/common.ts'

/** The flags of `evi import`, each checked. */
export const importFlags = {
  opensips: openSipsFlag,
  quiet: quietFlag,
  'dry-run': Flags.boolean({ description: 'show what would be taken over and write nothing' }),
  'all-routes': Flags.boolean({
    description: 'take the subscriptions that are not certain to be made at startup, too',
  }),
  define: Flags.string({
    description: 'give a variable its value: var(NAME), avp(NAME), env(NAME), or NAME for any of them',
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  preprocess: Flags.string({
    description:
      "run the file with its includes through a command first, as OpenSIPS's -p does; without a shell",
    helpValue: 'COMMAND',
  }),
  settings: Flags.boolean({ description: "take over event_rabbitmq's modparams as settings, too" }),
  'tls-domains': Flags.boolean({ description: "take over tls_mgm's client domains, too" }),
  replace: Flags.boolean({
    description: "remove the stored subscriptions to the file's events that are not in the file",
  }),
}

export type ImportFlags = InferredFlags<typeof importFlags> & { readonly json: boolean }
