import * as Flags from '@oclif/core/flags'
import { connectionFlags, replyTimeoutFlag } from '#lib/cli/flags/shared/common.ts'
import { passwordFlags } from '#lib/cli/flags/shared/socket.ts'

/** The flags of `evi password`, each checked. */
export const changePasswordFlags = {
  host: Flags.string({ description: 'of subscriptions at this broker', helpValue: 'HOST[:PORT]' }),
  user: Flags.string({ description: 'of subscriptions with this user', helpValue: 'USER' }),
  check: Flags.boolean({
    description: 'log in with the new password before it is stored',
    allowNo: true,
    default: true,
  }),
  ...passwordFlags,
  ...connectionFlags,
  'reply-timeout': replyTimeoutFlag,
}
