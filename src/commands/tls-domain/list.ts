import { BaseCommand } from '#lib/cli/base-command.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { EviError } from '#lib/errors.ts'
import { readTlsFiles } from '#lib/files/read-input.ts'
import { checkTlsFiles } from '#lib/services/subscriptions/certificate-report.ts'
import {
  type InspectedTlsDomain,
  renderTlsDomains,
  tlsDomainDocument,
} from '#lib/views/subscriptions/render-tls-domains.ts'

export default class TlsDomainList extends BaseCommand<typeof TlsDomainList> {
  static override description = 'list the TLS domains, and what is wrong with their files'
  static override examples = ['<%= config.bin %> tls-domain list']

  async run(): Promise<void> {
    const domains = (await this.context.tlsDomains()).all()
    const inspected = await Promise.all(domains.map(inspect))
    await this.present(inspected, {
      json: () => ({ domains: inspected.map(({ domain, report }) => tlsDomainDocument(domain, report)) }),
      text: (some, style) => (some.length > 0 ? renderTlsDomains(some, style) : noTlsDomains),
      to: inspected.length > 0 ? 'out' : 'err',
    })
  }
}

const noTlsDomains = 'There are no TLS domains. Make one: evi tls-domain set NAME --ca FILE\n'

/** A file that cannot be used is no reason not to list the others. */
async function inspect(domain: TlsDomain): Promise<InspectedTlsDomain> {
  try {
    return { domain, report: await checkTlsFiles(domain, readTlsFiles(domain), new Date()) }
  } catch (error) {
    if (!(error instanceof EviError)) throw error
    return { domain, report: { daysLeft: null, subject: null, warnings: [error.message] } }
  }
}
