import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Sandbox } from '#lib/sandbox/sandbox.ts'

/** What a user may configure, write and read, as rabbitmqctl takes it. */
export type Permissions = readonly [configure: string, write: string, read: string]

/** Makes a user of the vhost `/`, by one start of rabbitmqctl, which takes about a second. At a test's second try it is there. */
export async function addUser(
  broker: Pick<Sandbox, 'rabbitmqctl'>,
  user: string,
  password: string,
  permissions: Permissions = ['.*', '.*', '.*'],
): Promise<void> {
  const patterns = permissions.map(binary).join()
  await broker.rabbitmqctl(
    'eval',
    `catch rabbit_auth_backend_internal:add_user(${binary(user)}, ${binary(password)}, <<"test">>),
     ok = rabbit_auth_backend_internal:set_permissions(${binary(user)}, <<"/">>, ${patterns}, <<"test">>).`,
  )
}

/**
 * Runs what the last advice in the text says to paste, by rabbitmqctl itself and without a shell: evi quotes by single quotes.
 *
 * @returns the words of the command
 */
export async function pasteAdvice(
  { tools }: Pick<Sandbox, 'tools'>,
  said: string,
): Promise<readonly string[]> {
  const line = [...said.matchAll(/rabbitmqctl (set(?:_topic)?_permissions .+)/g)].at(-1)?.[1] ?? ''
  if (line === '') throw new Error(`No command is advised:\n${said}`)
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
  await promisify(execFile)(join(tools, 'rabbitmqctl'), words)
  return words
}

/** As Erlang writes it. */
function binary(text: string): string {
  return `<<${JSON.stringify(text)}/utf8>>`
}
