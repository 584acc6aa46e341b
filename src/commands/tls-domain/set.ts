import { BaseCommand } from '#lib/cli/base-command.ts'
import { textArgument } from '#lib/cli/flags/shared/common.ts'
import { tlsDomainFlags, tlsDomainFrom } from '#lib/cli/flags/tls-domain.ts'
import { readTlsFiles } from '#lib/files/read-input.ts'
import { checkTlsFiles } from '#lib/services/subscriptions/certificate-report.ts'
import { checkTlsDomain, setTlsDomain } from '#lib/services/subscriptions/tls-domains.ts'
import { renderTlsDomainSet, tlsDomainDocument } from '#lib/views/subscriptions/render-tls-domains.ts'

export default class TlsDomainSet extends BaseCommand<typeof TlsDomainSet> {
  static override description =
    'make a TLS domain, or replace it as a whole\n\n' +
    "A socket names it as tls_domain=NAME. The broker's certificate must come from a trusted authority and be made out " +
    "to the host's name. The files are checked now, and read again at each connection."
  static override examples = [
    '<%= config.bin %> tls-domain set office --ca /etc/ssl/office-ca.pem',
    '<%= config.bin %> tls-domain set office --ca ca.pem --certificate evi.pem --private-key evi.key',
    '<%= config.bin %> tls-domain set office --ca ca.pem --pkcs12 evi.p12 --passphrase-file evi.pass',
    "<%= config.bin %> subscribe E_PIKE_BLOCKED 'rabbitmq:rmq.example.com/tls_domain=office?pike'",
  ]

  static override args = { name: textArgument({ description: 'name of the domain', required: true }) }

  static override flags = tlsDomainFlags

  async run(): Promise<void> {
    const domain = tlsDomainFrom(this.args.name, this.flags)
    checkTlsDomain(domain)
    const report = await checkTlsFiles(domain, readTlsFiles(domain), new Date())
    const { replaced } = await setTlsDomain(domain, await this.context.tlsDomains())
    await this.present(report, {
      json: () => ({ ...tlsDomainDocument(domain, report), replaced }),
      text: (_, style) => renderTlsDomainSet(domain, { ...report, replaced }, style),
    })
  }
}
