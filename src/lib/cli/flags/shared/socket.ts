import * as Flags from '@oclif/core/flags'
import { warnOfDoubtfulNames } from '#lib/cli/doubtful-names.ts'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import type { Password, Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { readPassword } from '#lib/files/password-files.ts'
import { isRegularFile } from '#lib/files/regular-file.ts'
import type { Output } from '#lib/terminal/output.ts'
import { askForPassword } from '#lib/terminal/prompts/prompts.ts'

const kinds = ['password-file', 'password-env', 'ask-password'] as const

function kind(own: (typeof kinds)[number], description: string) {
  return { description, helpGroup: 'PASSWORD', exclusive: kinds.filter((name) => name !== own) }
}

/** The ways to give a password that is on no command line, and so in no list of processes. */
export const passwordFlags = {
  'password-file': Flags.string({
    ...kind('password-file', 'file with the password, - for standard input'),
    helpValue: 'FILE',
  }),
  'password-env': Flags.custom<string>({
    ...kind('password-env', 'variable that holds the password, read each time it is needed'),
    helpValue: 'VARIABLE',
    parse: async (name) => checkVariable(name),
  })(),
  'ask-password': Flags.boolean(kind('ask-password', 'ask for the password on the terminal')),
}

/** Sockets that are given, and their password; what they are for is the command's to say. */
export const socketFlags = (description: string) => ({
  socket: Flags.string({ char: 's', description, multiple: true, multipleNonGreedy: true }),
  ...passwordFlags,
})

interface PasswordValues {
  readonly 'password-file'?: string | undefined
  readonly 'password-env'?: string | undefined
  readonly 'ask-password': boolean
}

/** The password that the flags give, if they do. @throws EviError `no-input`, `data`, `usage` */
export async function givenPassword(flags: PasswordValues): Promise<Password | undefined> {
  if (flags['password-env'] !== undefined) return { env: flags['password-env'] }
  if (flags['password-file'] !== undefined) return await readPassword(flags['password-file'])
  return flags['ask-password'] ? await askForPassword() : undefined
}

/**
 * The sockets that are given; the password is for those that have none of their own. What is probably misplaced in one is
 * said on `err`.
 *
 * @throws EviError `usage`, `no-input`, `data`
 */
export async function givenSockets(
  flags: PasswordValues & { readonly socket?: readonly string[] | undefined },
  err: Output,
): Promise<readonly Socket[] | undefined> {
  const sockets = flags.socket && (await readSockets(flags.socket, err))
  const password = await passwordAtEachLogin(flags)
  if (password === undefined) return sockets
  if (sockets)
    return sockets.map((socket) => (socket.password === undefined ? { ...socket, password } : socket))
  throw new EviError('usage', 'A password is for a --socket; subscribers have theirs in the store.', {
    hint: 'Change a stored one: evi subscribe EVENT SOCKET --password-file FILE',
  })
}

/** The sockets of a command line, with a warning of what is probably misplaced in one. @throws EviError `usage` */
export async function readSockets(texts: readonly string[], err: Output): Promise<readonly Socket[]> {
  const sockets = texts.map(parseSocket)
  await warnOfDoubtfulNames({ events: [], sockets }, err)
  return sockets
}

/** As given, but a file that can be read again is: a token in it may be renewed while evi runs. */
async function passwordAtEachLogin(flags: PasswordValues): Promise<Password | undefined> {
  const password = await givenPassword(flags)
  const { 'password-file': file } = flags
  return file !== undefined && file !== '-' && isRegularFile(file) ? { file } : password
}

function checkVariable(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name
  throw new EviError('usage', '--password-env wants the name of a variable, not the password itself.', {
    hint: 'For example: --password-env RABBITMQ_PASSWORD',
  })
}
