import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { absolutePath } from '#lib/text/absolute-path.ts'

const file = Flags.custom<string>({ helpValue: 'FILE', parse: async (path) => absolutePath(path) })

/** The flags of `evi tls-domain set`, each checked. */
export const tlsDomainFlags = {
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

/** The TLS domain that the flags describe. */
export function tlsDomainFrom(name: string, flags: InferredFlags<typeof tlsDomainFlags>): TlsDomain {
  const { ca, certificate, 'private-key': privateKey, pkcs12, 'server-name': serverName } = flags
  return {
    name,
    ca: ca ?? null,
    certificate: certificate ?? null,
    privateKey: privateKey ?? null,
    pkcs12: pkcs12 ?? null,
    passphraseFile: flags['passphrase-file'] ?? null,
    verifyCert: flags['verify-cert'],
    serverName: serverName ?? null,
  }
}
