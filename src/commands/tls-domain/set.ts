import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '#lib/cli/base-command.ts'
import { textArgument } from '#lib/cli/flags/shared.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { readTlsFiles } from '#lib/files/read-input.ts'
import { checkTlsFiles } from '#lib/services/subscriptions/certificate-report.ts'
import { checkTlsDomain, setTlsDomain } from '#lib/services/subscriptions/tls-domains.ts'
import { absolutePath } from '#lib/text/absolute-path.ts'
import { renderTlsDomainSet, tlsDomainDocument } from '#lib/views/subscriptions/render-tls-domains.ts'

const file = Flags.custom<string>({ helpValue: 'FILE', parse: async (path) => absolutePath(path) })

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

  static override flags = {
    ca: file({ description: "authorities to trust (default: the machine's own)" }),
    certificate: file({ description: 'client certificate; the login of sockets that name no user' }),
    'private-key': file({ description: "the client certificate's key" }),
    pkcs12: file({ description: 'client certificate and key in one file (PKCS #12: .p12, .pfx)' }),
    'passphrase-file': file({ description: 'file with the passphrase of the key, read at each connection' }),
    'verify-cert': Flags.boolean({
      description: "verify the broker's certificate",
      allowNo: true,
      default: true,
    }),
    'server-name': Flags.string({
      description: "name to ask for and to find in the broker's certificate (default: the host's)",
      helpValue: 'NAME',
    }),
  }

  async run(): Promise<void> {
    const { ca, certificate, 'private-key': privateKey, pkcs12, 'server-name': serverName } = this.flags
    const domain: TlsDomain = {
      name: this.args.name,
      ca: ca ?? null,
      certificate: certificate ?? null,
      privateKey: privateKey ?? null,
      pkcs12: pkcs12 ?? null,
      passphraseFile: this.flags['passphrase-file'] ?? null,
      verifyCert: this.flags['verify-cert'],
      serverName: serverName ?? null,
    }
    checkTlsDomain(domain)
    const report = await checkTlsFiles(domain, readTlsFiles(domain), new Date())
    const { replaced } = await setTlsDomain(domain, await this.context.tlsDomains())
    await this.present(report, {
      json: () => ({ ...tlsDomainDocument(domain, report), replaced }),
      text: (_, style) => renderTlsDomainSet(domain, { ...report, replaced }, style),
    })
  }
}
