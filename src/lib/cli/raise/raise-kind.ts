import { type RaiseFlags, standardInput } from '#lib/cli/flags/raise.ts'
import { streamFlags } from '#lib/cli/flags/stream.ts'
import { EviError } from '#lib/errors.ts'

/**
 * What `evi raise` does: publishes one event, only shows it, or has OpenSIPS raise it; raises one event again and again,
 * or an event for each line of the input.
 */
export type RaiseKind = 'once' | 'dry-run' | 'by-opensips' | 'repeated' | 'lines'

/** Which kind the command line asks for. @throws EviError `usage` for flags that cannot be used together */
export function kindOfRaise(event: string, flags: RaiseFlags): RaiseKind {
  const kind = kindOf(event, flags)
  refuseInput(event, flags)
  refusePace(flags)
  refuseStray(kind, flags)
  refuseReaders(event, flags)
  if (flags.verify && flags.sync === false)
    throw new EviError('usage', '--verify cannot be used with --no-sync: it waits for confirms.')
  return kind
}

function kindOf(event: string, flags: RaiseFlags): RaiseKind {
  if (event === standardInput || flags.batch !== undefined) return 'lines'
  if (flags.count !== undefined) return 'repeated'
  if (flags.opensips !== undefined) return 'by-opensips'
  return flags['dry-run'] ? 'dry-run' : 'once'
}

function refuseInput(event: string, { opensips, batch }: RaiseFlags): void {
  if (event !== standardInput) return
  if (opensips !== undefined) throw new EviError('usage', '--opensips is for one EVENT.')
  if (batch !== undefined) throw new EviError('usage', '--batch is for the params of one EVENT.')
}

function refusePace({ speed, rate, batch }: RaiseFlags): void {
  if (speed === undefined) return
  if (rate !== undefined) throw new EviError('usage', '--speed cannot be used with --rate.')
  if (batch !== undefined)
    throw new EviError('usage', '--speed is for recorded events, and --batch for params, which have no time.')
}

/** Refuses the flags of a stream for a single event, and the other way round. */
function refuseStray(kind: RaiseKind, flags: RaiseFlags): void {
  const isMany = kind === 'repeated' || kind === 'lines'
  const others = isMany ? otherFlags[kind] : Object.keys(streamFlags)
  const stray = others.find((name) => Reflect.get(flags, name))
  if (stray === undefined) return
  throw new EviError('usage', `--${stray} is for ${isMany ? 'a single event' : 'a stream'}.`, {
    hint: 'A stream is read by: evi raise -, or evi raise EVENT --batch FILE; or one event is repeated: --count N',
  })
}

const singleFlags = ['verify', 'management', 'dry-run']
const otherFlags = {
  repeated: ['as-recorded', ...singleFlags],
  lines: ['count', 'param', 'arg', 'params', 'example', ...singleFlags],
} as const

/** Standard input can be read once. */
function refuseReaders(event: string, { batch, params, 'password-file': passwordFile }: RaiseFlags): void {
  const readers = [event === standardInput || batch === '-', params === '-', passwordFile === '-']
  if (readers.filter(Boolean).length > 1)
    throw new EviError('usage', 'Standard input cannot give both the parameters and the password.')
}
