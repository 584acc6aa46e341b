import { printSocket } from '#lib/domain/socket/socket.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import type { TlsFilesReport } from '#lib/services/subscriptions/certificate-report.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { renderTable } from '#lib/text/layout/table.ts'

export interface InspectedTlsDomain {
  readonly domain: TlsDomain
  readonly report: TlsFilesReport
}

/** A domain as JSON, with what was found in its files. */
export function tlsDomainDocument(
  domain: TlsDomain,
  { daysLeft, subject, warnings }: TlsFilesReport,
): object {
  const { pkcs12 = null, passphraseFile = null } = domain
  return { ...domain, pkcs12, passphraseFile, subject, daysLeft, warnings }
}

/** A line for each domain; what is wrong with its files below it. */
export function renderTlsDomains(inspected: readonly InspectedTlsDomain[], style: Style): string {
  const heads = ['NAME', 'CA', 'CLIENT CERTIFICATE', 'VERIFIED', 'SERVER NAME', 'DAYS LEFT'].map(style.strong)
  const rows = inspected.map(({ domain, report }) => [
    visibleLine(domain.name),
    visibleLine(domain.ca ?? 'of the machine'),
    visibleLine(domain.certificate ?? domain.pkcs12 ?? 'none'),
    domain.verifyCert ? 'yes' : style.warn('no'),
    visibleLine(domain.serverName ?? 'of the host'),
    report.daysLeft === null ? '' : String(report.daysLeft),
  ])
  const table = renderTable([heads, ...rows])
  return (
    table + inspected.map(({ domain, report }) => renderWarnings(report, style, `${domain.name}: `)).join('')
  )
}

/** What `evi tls-domain set` says, with what is doubtful about the files. */
export function renderTlsDomainSet(
  { name, verifyCert }: TlsDomain,
  report: TlsFilesReport & { replaced: boolean },
  style: Style,
): string {
  const who =
    report.subject === null ? '' : `, logs in as ${visibleLine(report.subject)} where no user is named`
  const line = `${style.marks.ok} ${report.replaced ? 'Replaced' : 'Set'} the TLS domain ${visibleLine(name)}${who}.\n`
  const unverified = verifyCert
    ? ''
    : `${style.marks.warning} evi takes any server that answers for the broker.\n`
  return line + unverified + renderWarnings(report, style)
}

/** What `evi tls-domain remove` says, with the subscriptions that still need the domain. */
export function renderTlsDomainRemoved(name: string, users: readonly Subscription[], style: Style): string {
  const left = users.map(
    ({ event, socket }) =>
      `${style.marks.warning} ${visibleLine(event)} still needs it: ${printSocket(socket)}\n`,
  )
  return `${style.marks.ok} Removed the TLS domain ${visibleLine(name)}.\n${left.join('')}`
}

function renderWarnings({ warnings }: TlsFilesReport, style: Style, about = ''): string {
  return warnings.map((warning) => `${style.marks.warning} ${visibleLine(about + warning)}\n`).join('')
}
