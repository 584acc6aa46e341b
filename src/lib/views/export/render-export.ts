import { printSocket } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import type { ExportReport } from '#lib/services/export/export-subscriptions.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { count } from '#lib/text/numbers/thousands.ts'

/** What is said beside the block: what OpenSIPS cannot take, and what it does otherwise. */
export function renderExportNotes({ exported, refused }: ExportReport, style: Style): string {
  const lines = [
    ...exported.flatMap(({ subscription, notes }) =>
      notes.map((note) => `${style.marks.warning} ${nameOf(subscription)}: ${note}\n`),
    ),
    ...refused.map(
      ({ subscription, reasons }) =>
        `${style.marks.failed} ${nameOf(subscription)}: ${visibleLine(reasons.join('; '))}.\n`,
    ),
  ]
  return lines.join('')
}

/** The text for OpenSIPS, or what is said of the file that it was written to; nothing where OpenSIPS can take nothing. */
export function renderExport(report: ExportReport, file: string | undefined, style: Style): string {
  if (report.text === null) return ''
  return file === undefined ? report.text : renderExportedFile(report, file, style)
}

function renderExportedFile({ exported }: ExportReport, file: string, style: Style): string {
  const number = `${count(exported.length)} subscription${exported.length === 1 ? '' : 's'}`
  return `${style.marks.ok} Wrote ${number} to ${visibleLine(file)}.\n`
}

/** The same as JSON; never with a password. */
export function exportDocument(
  { text, exported, refused }: ExportReport,
  { file, withPasswords }: { readonly file: string | undefined; readonly withPasswords: boolean },
): object {
  return {
    exported: exported.map(({ subscription, notes }) => ({ ...idOf(subscription), notes })),
    refused: refused.map(({ subscription, reasons }) => ({ ...idOf(subscription), reasons })),
    text: withPasswords ? null : text,
    file: text === null ? null : (file ?? null),
  }
}

function nameOf({ event, socket }: Subscription): string {
  return `${visibleLine(event)}  ${printSocket(socket)}`
}

function idOf({ event, socket }: Subscription): object {
  return { event, socket: printSocket(socket) }
}
