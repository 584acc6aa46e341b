import type { DeclareFlags } from '#lib/cli/flags/declare.ts'
import { printSocket, type Socket, scheme } from '#lib/domain/socket/socket.ts'
import { shellWord } from '#lib/text/shell-word.ts'

/**
 * The same command with --yes, as it can be pasted.
 *
 * @param argument the socket or event of the command line
 * @param socket one of those that it stands for, if any
 */
export function withoutAsking(argument: string, socket: Socket | undefined, flags: DeclareFlags): string {
  // A socket is printed without its password.
  const name = socket && argument.startsWith(scheme) ? printSocket(socket) : argument
  const values = valueFlags.flatMap((flag) =>
    [flags[flag] ?? []].flat().flatMap((value) => [`--${flag}`, shellWord(value)]),
  )
  const switches = switchFlags.flatMap((flag) => (flags[flag] ? `--${flag}` : []))
  return ['evi declare', shellWord(name), ...values, ...switches, '--yes'].join(' ')
}

const valueFlags = [
  ...(['type', 'exchange-type', 'queue', 'header'] as const),
  ...(['password-file', 'password-env', 'context'] as const),
]
const switchFlags = ['ask-password', 'json'] as const
