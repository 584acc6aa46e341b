import { EviError } from '#lib/errors.ts'
import { defaultPassword, type Socket } from './socket.ts'

/** Where passwords are that sockets do not hold themselves. */
export interface PasswordSources {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The password in a file. @throws EviError `no-input`, `data` */
  readonly passwordIn: (file: string) => string
}

/**
 * The password that a socket means, read when it is used.
 *
 * @throws EviError `refused` when its variable is not set, `no-input` and `data` when its file has none
 */
export function passwordOf(
  { password = defaultPassword }: Pick<Socket, 'password'>,
  { environment, passwordIn }: PasswordSources,
): string {
  if (typeof password === 'string') return password
  if ('file' in password) return passwordIn(password.file)
  const value = environment[password.env]
  if (value !== undefined) return value
  throw new EviError('refused', `The variable ${password.env}, which holds the password, is not set.`, {
    hint: `Set it where evi is run: export ${password.env}=...`,
  })
}
