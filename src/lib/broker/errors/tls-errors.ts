import type { Certificate, PeerCertificate } from 'node:tls'
import type { Host } from '#lib/domain/socket/socket.ts'
import { printAddress } from '#lib/domain/socket/socket.ts'
import { setCommand, type TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { EviError, systemCode } from '#lib/errors.ts'
import { firstOf } from '#lib/text/first-of.ts'

/** The names a certificate is made out to. */
export function namesOf({ subjectaltname = '', subject }: PeerCertificate): string[] {
  const alternatives = subjectaltname.match(/(?:DNS|IP Address):[^,]+/g) ?? []
  const names = alternatives.map((name) => name.slice(name.indexOf(':') + 1))
  return names.length > 0 ? names : [nameOf(subject)]
}

/** Whom a certificate names, by the most telling of its parts. */
export function nameOf(party: Certificate | undefined): string {
  const name = party?.CN ?? party?.O ?? 'a party without a name'
  return Array.isArray(name) ? name.join(', ') : name
}

export interface Distrusted {
  readonly certificate: PeerCertificate
  readonly host: Host
  /** The name that was looked for. */
  readonly name: string
  readonly domain: TlsDomain
}

/**
 * Why the broker's certificate is not trusted.
 *
 * @param reason OpenSSL's or Node's code, such as `CERT_HAS_EXPIRED`
 */
export function distrust(reason: unknown, { certificate, host, name, domain }: Distrusted): EviError {
  const code = reason instanceof Error ? (systemCode(reason) ?? reason.message) : String(reason)
  const where = printAddress(host)
  const refuse = (message: string, hint: string) => new EviError('unreachable', message, { hint })
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return refuse(
        `The certificate of ${where} is made out to ${firstOf(namesOf(certificate), ', ')}, not to ${name}.`,
        `Name the host as the certificate does, or set the name to expect: ${setCommand({ ...domain, serverName: namesOf(certificate)[0] ?? 'NAME' })}`,
      )
    case 'CERT_HAS_EXPIRED':
      return refuse(
        `The certificate of ${where} expired on ${dayOf(certificate.valid_to)}.`,
        'Renew it on the broker, and check the clocks of both machines.',
      )
    case 'CERT_NOT_YET_VALID':
      return refuse(
        `The certificate of ${where} is valid from ${dayOf(certificate.valid_from)} on only.`,
        'Check the clocks of both machines: date',
      )
    default: {
      const trusted = domain.ca === null ? 'this machine trusts' : `${domain.ca} holds`
      return refuse(
        `The certificate of ${where}, issued by ${nameOf(certificate.issuer)}, comes from no authority that ${trusted} (${code}).`,
        `Give the authority's file: ${setCommand({ ...domain, ca: 'FILE' })}`,
      )
    }
  }
}

/** Why there is no TLS connection, if OpenSSL says so. */
export function tlsError(error: unknown, host: Host, domain: TlsDomain): EviError | undefined {
  const known = failureOf(error)
  if (!known) return undefined
  const [, message, hint] = known
  return new EviError('unreachable', message.replace('%s', printAddress(host)), {
    hint: typeof hint === 'string' ? hint : hint(domain),
    cause: error,
  })
}

/** A TLS record that holds an alert, of any version: what a TLS port says to a plain AMQP greeting (RFC 8446, 5.1). */
export function isTlsAlert(bytes: Buffer): boolean {
  return bytes.length >= 2 && bytes[0] === 0x15 && bytes[1] === 0x03
}

/** Whether it is TLS that failed, and not what is spoken over it. */
export function isTlsFailure(error: unknown): boolean {
  return failureOf(error) !== undefined
}

function failureOf(error: unknown): (typeof handshakeFailures)[number] | undefined {
  // What Node says of PKCS #12 has no code.
  const code = systemCode(error) ?? (error instanceof Error ? error.message : '')
  return handshakeFailures.find(([pattern]) => pattern.test(code))
}

/** By OpenSSL's codes, as Node hands them on: alerts are the broker's words. */
const handshakeFailures: readonly [
  code: RegExp,
  message: string,
  hint: string | ((domain: TlsDomain) => string),
][] = [
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|UNSUPPORTED_PROTOCOL_HELLO|HTTP_REQUEST/,
    '%s does not speak TLS: it looks like a plain port.',
    "Use the broker's TLS port, mostly 5671, or a socket without tls_domain.",
  ],
  [
    /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/,
    '%s wants a client certificate and was given none that it takes.',
    (domain) => `Give one: ${withOwnCertificate(domain)}`,
  ],
  [
    /ALERT_(?:BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE|DECRYPT_ERROR)/,
    '%s does not accept the client certificate.',
    "It must come from an authority in the broker's ssl_options.cacertfile and not be expired: evi tls-domain list",
  ],
  [
    /PROTOCOL_VERSION|NO_SHARED_CIPHER|UNSUPPORTED_PROTOCOL/,
    '%s speaks no version of TLS or cipher that evi does.',
    'Allow TLS 1.2 or 1.3 on the broker: ssl_options.versions',
  ],
  [
    /UNRECOGNIZED_NAME/,
    '%s serves no host of the name it was asked for.',
    (domain) => `Set the name to ask for: ${setCommand({ ...domain, serverName: 'NAME' })}`,
  ],
  [
    /KEY_VALUES_MISMATCH/,
    'The private key for %s does not fit its certificate.',
    (domain) => `Set both anew: ${withOwnCertificate(domain)}`,
  ],
  [
    /^ERR_OSSL_|^mac verify failure$|PKCS ?12|^PFX /i,
    'A certificate or key file for %s cannot be used.',
    'See which one: evi tls-domain list',
  ],
]

function withOwnCertificate(domain: TlsDomain): string {
  return setCommand({ ...domain, certificate: 'FILE', privateKey: 'FILE' })
}

function dayOf(date: string): string {
  const time = Date.parse(date)
  return Number.isNaN(time) ? date : new Date(time).toISOString().slice(0, 10)
}
