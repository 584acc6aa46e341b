import * as Flags from '@oclif/core/flags'
import { numberFlag } from '#lib/cli/flags/shared/number.ts'

const group = { helpGroup: 'MESSAGE' }
const text = { ...group, helpValue: 'TEXT' }

/** The AMQP properties of the messages of `evi raise`; OpenSIPS sets none. */
export const messageFlags = {
  'content-type': Flags.string({ ...text, description: 'content_type of the message' }),
  'message-id': Flags.string({ ...text, description: 'message_id of the message' }),
  'correlation-id': Flags.string({ ...text, description: 'correlation_id of the message' }),
  expiration: numberFlag({
    ...group,
    description: 'drop the message when it has waited in a queue for so long',
    helpValue: 'TIME',
    min: 0,
    max: 4_294_967_295,
    integer: true,
    unit: 'ms',
  }),
  priority: numberFlag({
    ...group,
    description: 'priority of the message, for queues that have priorities',
    helpValue: '0-255',
    min: 0,
    max: 255,
    integer: true,
  }),
  'reply-to': Flags.string({ ...text, description: 'reply_to of the message' }),
  type: Flags.string({ ...text, description: 'type of the message' }),
  'app-id': Flags.string({ ...text, description: 'app_id of the message' }),
  header: Flags.string({
    ...group,
    multiple: true,
    multipleNonGreedy: true,
    description: 'header of the message: NAME=VALUE is a string, NAME:=JSON any JSON value',
    helpValue: 'NAME=VALUE',
  }),
}
