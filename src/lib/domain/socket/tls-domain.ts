import { shellWord } from '#lib/text/shell-word.ts'

/** How to speak TLS with a broker: what `tls_domain=NAME` in a socket names, in the terms of OpenSIPS's tls_mgm. */
export interface TlsDomain {
  readonly name: string
  /** File of the authorities to trust; by default the system's own. */
  readonly ca: string | null
  /** Files of the client certificate, where the broker wants one, and of its key: both or none. */
  readonly certificate: string | null
  readonly privateKey: string | null
  /** File of certificate and key in one (PKCS #12), in their place. */
  readonly pkcs12?: string | null
  /** File of the words that the key, or the PKCS #12 file, is encrypted with. */
  readonly passphraseFile?: string | null
  /** Whether the broker's certificate must come from a trusted authority and be made out to its name. */
  readonly verifyCert: boolean
  /** The name to ask for (SNI) and to find in the certificate; by default the host's. */
  readonly serverName: string | null
}

/** What a TLS domain's files hold; null for those it does not name. */
export interface TlsFiles {
  readonly ca: Buffer | null
  readonly certificate: Buffer | null
  readonly privateKey: Buffer | null
  readonly pkcs12: Buffer | null
  readonly passphrase: string | null
  /** The mode of the private key's file, where it is looked at. */
  readonly keyMode?: number | undefined
}

/** Whether the domain has a client certificate, which is the login where a socket names no user. */
export function hasClientCertificate({ certificate, pkcs12 }: TlsDomain): boolean {
  return Boolean(certificate ?? pkcs12)
}

/** The command that sets a domain so, to be pasted. */
export function setCommand({ name, verifyCert, ...domain }: TlsDomain): string {
  const files = {
    ca: domain.ca,
    certificate: domain.certificate,
    'private-key': domain.privateKey,
    pkcs12: domain.pkcs12,
    'passphrase-file': domain.passphraseFile,
    'server-name': domain.serverName,
  }
  const flags = Object.entries(files).flatMap(([flag, value]) =>
    value ? [`--${flag}`, shellWord(value)] : [],
  )
  return ['evi tls-domain set', shellWord(name), ...flags, ...(verifyCert ? [] : ['--no-verify-cert'])].join(
    ' ',
  )
}

/** Where TLS domains are kept; a port. */
export interface TlsDomainStore {
  /** All domains, by name. @throws EviError `damaged` */
  all(): readonly TlsDomain[]
  /**
   * Changes the domains, alone among all processes.
   *
   * @throws EviError `damaged`, `cannot-write`, `busy`, or what `change` throws; nothing is written then
   */
  update<T>(change: (domains: readonly TlsDomain[]) => { next: readonly TlsDomain[]; result: T }): Promise<T>
}
