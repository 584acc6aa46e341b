import type { Broker, Timing } from '#lib/broker/broker.ts'
import { type DeclareOptions, declarationsFor } from '#lib/domain/routing/declaration.ts'
import { connectionKeyOf, printAddress, type Socket } from '#lib/domain/socket/socket.ts'
import { EviError } from '#lib/errors.ts'
import { exitCodeOfAll, exitCodes } from '#lib/exit-codes.ts'
import { LoginDeclarer, type SocketNeeds } from './declare-login.ts'
import type { Declared, DeclareReport, LookReport, Plan } from './declare-report.ts'

export interface DeclareRequest {
  readonly sockets: readonly Socket[]
  readonly options: DeclareOptions
  readonly timing: Timing
  /** Asked once all was looked at, if there is anything to declare; nothing is declared where it throws. */
  readonly confirm: (look: LookReport) => Promise<void>
  /** Called when declaring begins; nothing more is declared once the signal is aborted. */
  readonly begin?: () => AbortSignal
}

/** Connections that stay open while it is asked whether to declare; where there are more logins, each connects again. */
const mostKept = 64

/**
 * Looks what the sockets lack on their brokers, over one connection for each login, and declares that, once it is confirmed.
 * What exists is left as it is. A socket that fails never stops another.
 *
 * @throws EviError `usage` for options that do not apply to a socket; what `confirm` throws; `interrupted` before anything was declared
 */
export async function declare(request: DeclareRequest, broker: Broker): Promise<DeclareReport> {
  const { sockets, options, timing, confirm, begin } = request
  const needs = sockets.map((socket) => ({ socket, declarations: declarationsFor(socket, options) }))
  const logins = [...Map.groupBy(needs, ({ socket }) => connectionKeyOf(socket)).values()].map(
    (group) => new LoginDeclarer(group as [SocketNeeds, ...SocketNeeds[]], { broker, timing }),
  )
  try {
    const isKept = logins.length <= mostKept
    const looks = await Promise.all(logins.map((login) => login.look({ isKept })))
    const looked = inOrder(sockets, looks.flat())
    const plans = looked.flatMap((one) => ('plan' in one ? one.plan : []))
    const failed = looked.flatMap((one) => ('failure' in one ? { ...one, parts: [] } : []))
    if (plans.some(hasWork)) await confirm({ plans, failed })
    const interrupted = begin?.()
    const declared = await Promise.all(logins.map((login) => login.declare(interrupted)))
    const results = madeOnce(inOrder(sockets, declared.flat()))
    if (interrupted?.aborted && results.every(isUntouched)) throw new EviError('interrupted', 'Interrupted.')
    return { results, exit: exitOf(results) }
  } finally {
    await Promise.all(logins.map((login) => login.close()))
  }
}

/** Those of the sockets, as these come. */
function inOrder<T extends { readonly socket: Socket }>(
  sockets: readonly Socket[],
  all: readonly T[],
): readonly T[] {
  const bySocket = new Map(all.map((one) => [one.socket, one]))
  return sockets.flatMap((socket) => bySocket.get(socket) ?? [])
}

/** What several sockets of a broker lacked was made for the first of them, and exists for the others. */
function madeOnce(results: readonly Declared[]): readonly Declared[] {
  const made = new Set<string>()
  return results.map((result) => {
    const { hosts, vhost } = result.socket
    const place = [hosts.map(printAddress), vhost]
    const parts = result.parts.map((part) => {
      const key = JSON.stringify([...place, part.declaration])
      if (part.outcome !== 'made' || !made.has(key)) {
        made.add(key)
        return part
      }
      return { ...part, outcome: 'exists' as const }
    })
    return { ...result, parts }
  })
}

/** Whether the interruption came before anything of it was declared. */
function isUntouched({ parts, failure }: Declared): boolean {
  return failure?.code === 'interrupted' && parts.every(({ outcome }) => outcome === 'exists')
}

function exitOf(results: readonly Declared[]): number {
  const failures = results.flatMap(({ failure }) => failure?.code ?? [])
  if (failures.includes('interrupted')) return exitCodes.interrupted
  return exitCodeOfAll(results.length - failures.length, failures)
}

function hasWork({ parts }: Plan): boolean {
  return parts.some(({ state }) => state !== 'exists')
}
