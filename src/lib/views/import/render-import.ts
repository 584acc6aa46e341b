import { printSocket } from '#lib/domain/socket/socket.ts'
import type { ImportedSubscription, ImportReport } from '#lib/services/import/import-subscriptions.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { renderTable } from '#lib/text/layout/table.ts'
import { count } from '#lib/text/numbers/thousands.ts'
import { subscriptionDocument } from '#lib/views/subscriptions/render-subscriptions.ts'

/** A line for each subscription of the file, and what became of them. */
export function renderImport(
  report: ImportReport,
  { dryRun }: { readonly dryRun: boolean },
  style: Style,
): string {
  const rows = report.subscriptions.map((one) => [
    `${markOf(one, style)} ${visibleLine(one.subscription.event)}`,
    printSocket(one.subscription.socket),
    style.faint(visibleLine(`${one.found.file}:${one.found.line}`)),
  ])
  const removed = report.removed.map(
    ({ event, socket }) => `${style.warn('-')} ${visibleLine(event)}  ${printSocket(socket)}\n`,
  )
  return renderTable(rows) + removed.join('') + summary(report, dryRun, style)
}

function markOf({ change }: ImportedSubscription, style: Style): string {
  if (change === 'left-out') return style.marks.unknown
  return change === 'added' ? style.marks.ok : style.marks.same
}

function summary(report: ImportReport, dryRun: boolean, style: Style): string {
  const number = (change: string) => report.subscriptions.filter((one) => one.change === change).length
  const leftOut = number('left-out') + report.unread
  const parts = [
    `${count(number('added'))} added`,
    `${count(number('renewed'))} renewed`,
    ...(report.removed.length > 0 ? [`${count(report.removed.length)} removed`] : []),
    ...(leftOut > 0 ? [`${count(leftOut)} not taken`] : []),
  ]
  if (report.subscriptions.length + report.unread === 0)
    return `${style.marks.warning} There is no subscription to a rabbitmq socket in it.\n`
  const mark = leftOut > 0 ? style.marks.warning : style.marks.ok
  return `${mark} ${dryRun ? 'Nothing was written; without --dry-run: ' : ''}${parts.join(', ')}.\n`
}

/** A line for each warning, then what else could be taken over. */
export function renderImportNotes(
  { warnings, settings, tlsDomains }: ImportReport,
  taken: { readonly settings: boolean; readonly tlsDomains: boolean },
  style: Style,
): string {
  const lines = warnings.map(
    ({ file, line, message }) => `${style.marks.warning} ${visibleLine(`${file}:${line}: ${message}`)}\n`,
  )
  const values = Object.entries(settings).map(([name, value]) => `${name} ${value}`)
  if (values.length > 0 && !taken.settings)
    lines.push(`  Settings in it: ${values.join(', ')}. To take them over: --settings\n`)
  if (tlsDomains.length > 0 && !taken.tlsDomains) {
    const names = tlsDomains.map(({ name }) => visibleLine(name)).join(', ')
    lines.push(`  TLS domains in it: ${names}. To take them over: --tls-domains\n`)
  }
  return lines.join('')
}

/** The same as JSON. */
export function importDocument(report: ImportReport, now: Date): object {
  return {
    subscriptions: report.subscriptions.map(({ found, subscription, change }) => ({
      ...subscriptionDocument(subscription, now),
      file: found.file,
      line: found.line,
      route: found.route,
      when: found.when,
      imported: change !== 'left-out',
    })),
    settings: report.settings,
    tlsDomains: Object.fromEntries(
      report.tlsDomains.map(({ name, ca, certificate, privateKey, verifyCert }) => [
        name,
        { ca, certificate, privateKey, verifyCert },
      ]),
    ),
    warnings: report.warnings.map(({ code, file, line, message }) => ({ code, file, line, message })),
  }
}
