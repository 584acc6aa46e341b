import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import {
  connectionFlags,
  eventArgument,
  managementFlag,
  maxMessageFlag,
  quietFlag,
  renamedReplyTimeoutFlag,
} from '#lib/cli/flags/shared/common.ts'
import { socketFlags } from '#lib/cli/flags/shared/socket.ts'
import { checkEventName } from '#lib/domain/event/event-name.ts'
import { messageFlags } from './message.ts'
import { streamFlags } from './stream.ts'

const many = { multiple: true, multipleNonGreedy: true } as const

/** In the place of the event's name: whole notifications on standard input. */
export const standardInput = '-'

export const raisedEvent = eventArgument({
  required: true,
  description: 'name of the event; - reads whole notifications from standard input, one a line',
  parse: async (name) => (name === standardInput ? name : checkEventName(name)),
})

/** The flags of `evi raise`, each checked. */
export const raiseFlags = {
  quiet: quietFlag,
  param: Flags.string({
    ...many,
    char: 'p',
    description: 'parameter: a string, or any JSON with :=',
    helpValue: 'NAME=VALUE',
  }),
  arg: Flags.string({ ...many, char: 'a', description: 'unnamed parameter, a string', helpValue: 'VALUE' }),
  params: Flags.string({
    description:
      'all parameters, a JSON object or array; @FILE reads them from a file, - from standard input',
    helpValue: 'JSON',
  }),
  example: Flags.boolean({
    description: 'fill in the parameters that OpenSIPS sends with realistic values; --param overrides',
    exclusive: ['arg', 'params'],
  }),
  ...socketFlags('publish here instead of to the subscribers'),
  verify: Flags.boolean({
    description: 'wait for the proof that the event left each exchange, and for the confirm',
    exclusive: ['dry-run'],
  }),
  management: managementFlag,
  opensips: Flags.string({
    description: 'have OpenSIPS raise it, by its Management Interface, and prove that it arrives',
    helpValue: 'URL',
    exclusive: ['arg', 'batch', 'count', 'dry-run', 'sync', 'verify', ...Object.keys(messageFlags)],
  }),
  yes: Flags.boolean({ char: 'y', description: 'with --opensips: do not ask', dependsOn: ['opensips'] }),
  'dry-run': Flags.boolean({ description: 'print the payload and connect to nothing' }),
  ...messageFlags,
  sync: Flags.boolean({
    allowNo: true,
    description:
      'say confirmed, and retry what is rejected or unconfirmed; without, sent means handed to the broker',
    helpGroup: 'SETTINGS',
  }),
  ...streamFlags,
  ...connectionFlags,
  'reply-timeout': renamedReplyTimeoutFlag,
  'max-message': maxMessageFlag,
}

export type RaiseFlags = InferredFlags<typeof raiseFlags> & { readonly json: boolean }
