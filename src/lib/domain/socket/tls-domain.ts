import { shellWord } from '#lib/text/shell-word.ts'

/** How to speak TLS with a broker: what `tls_domain=NAME` in a socket names, in the terms of OpenSIPS's tls_mgm. */
export interface TlsDomain {
  readonly name: string
  /** File of the authorities to trust; by default the system's own. */
  readonly ca: string | null
  /** Files of the client certificate, where the broker wants one, and of its key: both or none. */
  readonly certificate: string | null
  readonly privateKey: string | null
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
  /** The mode of the private key's file, where it is looked at. */
  readonly keyMode?: number | undefined
}

/** The command that sets a domain so, to be pasted. */
export function setCommand({ name, ca, certificate, privateKey, verifyCert, serverName }: TlsDomain): string {
  const files = { ca, certificate, 'private-key': privateKey, 'server-name': serverName }
  const flags = Object.entries(files).flatMap(([flag, value]) =>
    value === null ? [] : [`--${flag}`, shellWord(value)],
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
