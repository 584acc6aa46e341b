import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { EviError } from '#lib/errors.ts'

/**
 * Refuses arguments that are no UTF-8, which Node turns into U+FFFD without a word: what is raised must be what was
 * given. Where the system does not show the bytes themselves (Linux does), nothing is refused.
 *
 * @throws EviError `usage`
 */
export function refuseBrokenArguments(argv: readonly string[]): void {
  if (!argv.some((word) => word.includes('\u{FFFD}')) || isUtf8(commandLine())) return
  throw new EviError('usage', 'An argument is not valid UTF-8.', {
    hint: 'Convert it, as from Latin-1: iconv -f latin1 -t utf-8',
  })
}

/** Takes passwords out of what others see of the command line (ps), where the system lets a process do so: Linux does. */
export function hidePasswords(argv: readonly string[]): void {
  const shown = argv.map((word) => (word.includes(':') ? maskPasswords(word) : word))
  if (shown.some((word, index) => word !== argv[index])) process.title = ['evi', ...shown].join(' ')
}

interface Flags {
  readonly id: string
  readonly flags: Readonly<Record<string, { name: string; char?: string | undefined; type: string }>>
}

/**
 * Refuses -h and --help in the place of a flag's value. oclif takes them for a question wherever they stand, so that
 * `raise E_X --arg "$VALUE"` would end with 0 and raise nothing; all else that starts with a dash it refuses itself.
 *
 * @throws EviError `usage`
 */
export function refuseHelpAsValue(argv: readonly string[], commands: readonly Flags[]): void {
  const at = argv.findIndex((word, index) => index > 0 && /^(?:-h|--help|--)$/.test(word))
  if (at < 0 || argv[at] === '--') return
  const [flag, help] = argv.slice(at - 1)
  const command = commands.find(({ id }) => `${argv.join(':')}:`.startsWith(`${id}:`))
  const takesValue = Object.values(command?.flags ?? {}).some(
    ({ name, char, type }) => type === 'option' && (flag === `--${name}` || flag === `-${char}`),
  )
  if (!takesValue) return
  throw new EviError('usage', `Flag ${flag} expects a value.`, {
    hint: `If ${help} is the value: ${flag}=${help}`,
  })
}

/** Moves flags that many commands share, such as `--context NAME`, from before the command to behind it, where oclif looks for flags. */
export function moveGlobalFlags(argv: readonly string[]): readonly string[] {
  const [first = ''] = argv
  const isSwitch = /^(?:-q|--quiet|--json)$/.test(first)
  const flag = /^--(?:context|color)(?<value>=.*)?$/s.exec(first)
  const length = isSwitch || flag?.groups?.value !== undefined ? 1 : 2
  if ((!flag && !isSwitch) || argv.length <= length) return argv
  const rest = moveGlobalFlags(argv.slice(length))
  const end = rest.indexOf('--')
  return rest.toSpliced(end < 0 ? rest.length : end, 0, ...argv.slice(0, length))
}

/**
 * Has `--color always` and `--color never` hold for all that writes: evi, its libraries and what it starts, which know
 * FORCE_COLOR and NO_COLOR. Read from argv, as an error of the parser leaves no flags behind.
 */
export function chooseColors(argv: readonly string[], environment: Record<string, string | undefined>): void {
  const end = argv.indexOf('--')
  const own = end < 0 ? argv : argv.slice(0, end)
  const at = own.findLastIndex((word) => /^--color(?:=|$)/.test(word))
  const choice = own[at]?.split('=')[1] ?? own[at + 1]
  if (at < 0 || (choice !== 'always' && choice !== 'never')) return
  delete environment[choice === 'always' ? 'NO_COLOR' : 'FORCE_COLOR']
  environment[choice === 'always' ? 'FORCE_COLOR' : 'NO_COLOR'] = '1'
}

function commandLine(): Buffer {
  try {
    return readFileSync('/proc/self/cmdline')
  } catch {
    return Buffer.of()
  }
}
