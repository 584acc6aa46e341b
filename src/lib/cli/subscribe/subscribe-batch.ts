import type { Context } from '#lib/cli/context.ts'
import { warnOfDoubtfulNames } from '#lib/cli/doubtful-names.ts'
import { givenPassword } from '#lib/cli/flags/shared/socket.ts'
import type { SubscribeFlags } from '#lib/cli/flags/subscribe.ts'
import { EviError } from '#lib/errors.ts'
import { readInput } from '#lib/files/read-input.ts'
import { subscribeAll } from '#lib/services/subscriptions/subscribe.ts'
import { readSubscriptionLines } from '#lib/services/subscriptions/subscription-file.ts'
import type { Output } from '#lib/terminal/output.ts'
import { isByParts } from './socket-to-subscribe.ts'

interface BatchOptions {
  /** `-` is standard input. */
  readonly file: string
  /** The EVENT on the command line, where there has to be none. */
  readonly event: string | undefined
  readonly flags: SubscribeFlags
  readonly context: Context
  readonly err: Output
}

interface SubscribedBatch {
  readonly subscribed: Awaited<ReturnType<typeof subscribeAll>>
  /** A password was given, and the subscriptions that were stored before keep theirs. */
  readonly onlyForNew: boolean
}

/** `evi subscribe --batch`: stores the subscriptions of a file, all or none. @throws EviError `usage`, `data`, `no-input` */
export async function subscribeBatch(options: BatchOptions): Promise<SubscribedBatch> {
  const { file, flags, context, err } = options
  refuseMixtures(options)
  const lines = readSubscriptionLines(await readInput(file))
  const password = await givenPassword(flags)
  const isForAll = flags['set-passwords']
  if (isForAll && password === undefined)
    throw new EviError('usage', '--set-passwords needs a password.', {
      hint: 'Give it by --password-file FILE, --password-env VARIABLE or --ask-password.',
    })
  const wanted = lines.map(({ event, socket, expire = flags.expire ?? null }) => ({
    event,
    socket: isForAll ? { ...socket, password: socket.password ?? password } : socket,
    expire,
    passwordIfNew: password,
  }))
  const [events, sockets] = [wanted.map(({ event }) => event), wanted.map(({ socket }) => socket)]
  await warnOfDoubtfulNames({ events, sockets }, err)
  const subscribed = await subscribeAll(wanted, await context.subscriptions(), new Date())
  return { subscribed, onlyForNew: password !== undefined && !isForAll }
}

function refuseMixtures({ file, event, flags }: BatchOptions): void {
  if (event !== undefined || isByParts(flags))
    throw new EviError('usage', 'With --batch, events and sockets are in the file.')
  if (file === '-' && flags['password-file'] === '-')
    throw new EviError('usage', 'Standard input cannot give both the subscriptions and the password.')
}
