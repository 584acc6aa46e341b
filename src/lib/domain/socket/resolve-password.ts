import { EviError } from '#lib/errors.ts'
import { defaultPassword, type Socket } from './socket.ts'

/** The password that a socket means, read when it is used. @throws EviError `refused` when its variable is not set */
export function passwordOf(
  { password = defaultPassword }: Pick<Socket, 'password'>,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (typeof password === 'string') return password
  const value = environment[password.env]
  if (value !== undefined) return value
  throw new EviError('refused', `The variable ${password.env}, which holds the password, is not set.`, {
    hint: `Set it where evi is run: export ${password.env}=...`,
  })
}
