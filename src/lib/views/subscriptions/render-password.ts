import { printAddress, printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import type { LoginTrial, PasswordChange } from '#lib/services/subscriptions/change-password.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleBlock, visibleLine } from '#lib/text/escape-controls.ts'
import { renderTable } from '#lib/text/layout/table.ts'
import { count } from '#lib/text/numbers/thousands.ts'

/** The subscriptions that a password is asked for. */
export function renderPasswordPlan(subscriptions: readonly Subscription[]): string {
  const rows = subscriptions.map(({ event, socket }) => [visibleLine(event), printSocket(socket)])
  return `A new password for:\n${renderTable(rows)}`
}

/** What was changed, or which logins with the new password failed. */
export function renderPasswordChange({ trials, changed, kept }: PasswordChange, style: Style): string {
  const failed = trials.filter(({ failure }) => failure !== undefined)
  if (failed.length > 0)
    return `${failed.map((one) => renderFailure(one, style)).join('')}Nothing was changed.\n`
  const lines = changed.map(
    ({ event, socket }) => `${style.marks.ok} ${printSocket(socket)}  ${style.faint(visibleLine(event))}\n`,
  )
  const tried = trials.length === 0 ? 'Not tried' : `Tried with ${counted(trials.length, 'login')}`
  return `${lines.join('')}${tried}: ${count(changed.length)} changed, ${count(kept)} had it already.\n`
}

/** The change of a password as JSON; never the password. */
export function passwordDocument({ trials, changed, kept }: PasswordChange): object {
  return {
    logins: trials.map(({ socket, failure }) => ({
      login: loginOf(socket),
      ok: failure === undefined,
      code: failure?.code ?? null,
      reason: failure?.reason ?? null,
      hint: failure?.hint ?? null,
    })),
    changed: changed.map(({ event, socket }) => ({ event, socket: printSocket(socket) })),
    kept,
  }
}

function renderFailure({ socket, failure }: LoginTrial, style: Style): string {
  const hint = failure?.hint === undefined ? '' : `${visibleBlock(failure.hint, '  ')}\n`
  return `${style.marks.failed} ${visibleLine(loginOf(socket))}  ${failure?.code}\n  ${visibleBlock(failure?.reason ?? '')}\n${hint}`
}

function loginOf({ user, hosts, vhost }: Socket): string {
  return `rabbitmq:${user}@${hosts.map(printAddress).join(',')}, vhost ${vhost}`
}

function counted(number: number, what: string): string {
  return `${count(number)} ${what}${number === 1 ? '' : 's'}`
}
