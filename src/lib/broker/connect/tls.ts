import { isIP, type Socket as TcpSocket } from 'node:net'
import type { ConnectionOptions, PeerCertificate, TLSSocket } from 'node:tls'
import type { TlsFacts } from '#lib/broker/broker.ts'
import { distrust, nameOf, namesOf, tlsError } from '#lib/broker/errors/tls-errors.ts'
import type { Host } from '#lib/domain/socket/socket.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { readTlsFiles } from '#lib/files/tls-files.ts'
import { inTime } from './dial.ts'

export interface SecureTransport {
  readonly stream: TLSSocket
  readonly facts: TlsFacts
}

export interface SecureRequest {
  readonly host: Host
  readonly domain: TlsDomain
  /** Milliseconds that the TLS handshake may take. */
  readonly replyTimeout: number
}

/**
 * Speaks TLS over an open connection, and verifies the broker's certificate unless the domain says not to. Nothing is
 * sent before that.
 *
 * @throws EviError `unreachable`
 */
export async function secure(
  tcp: TcpSocket,
  { host, domain, replyTimeout }: SecureRequest,
): Promise<SecureTransport> {
  try {
    return await secureOrFail(tcp, { host, domain, replyTimeout })
  } catch (error) {
    tcp.on('error', () => {}).destroy()
    throw tlsError(error, host, domain) ?? error
  }
}

async function secureOrFail(
  tcp: TcpSocket,
  { host, domain, replyTimeout }: SecureRequest,
): Promise<SecureTransport> {
  const { connect } = await import('node:tls')
  const name = domain.serverName ?? host.host
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stream = connect({
    ...(await optionsOf(domain)),
    socket: tcp,
    // The name to verify; the one to ask for (SNI) cannot be an address.
    host: name,
    servername: isIP(name) === 0 ? name : '',
    // Judged below, where the certificate can be quoted.
    rejectUnauthorized: false,
  })
  stream.once('error', reject).once('secureConnect', resolve)
  stream.once('close', () => reject(new Error('closed')))
  try {
    await inTime(promise, { host, step: 'tls', milliseconds: replyTimeout })
    const certificate = stream.getPeerCertificate()
    if (domain.verifyCert && !stream.authorized)
      throw distrust(stream.authorizationError, { certificate, host, name, domain })
    return { stream, facts: factsOf(stream, certificate, domain) }
  } catch (error) {
    stream.on('error', () => {}).destroy()
    throw error
  } finally {
    stream.off('error', reject)
  }
}

async function optionsOf(domain: TlsDomain): Promise<ConnectionOptions> {
  const { getCACertificates } = await import('node:tls')
  const { ca, certificate, privateKey, pkcs12, passphrase } = readTlsFiles(domain)
  return {
    ca: ca ?? trustedBySystem(getCACertificates),
    ...(certificate && { cert: certificate }),
    ...(privateKey && { key: privateKey }),
    ...(pkcs12 && { pfx: pkcs12 }),
    ...(passphrase !== null && { passphrase }),
  }
}

/** What the machine trusts, as OpenSSL has it; where it has nothing, Node's own list. */
function trustedBySystem(certificatesOf: (store: 'system' | 'bundled') => string[]): string[] {
  const system = certificatesOf('system')
  return system.length > 0 ? system : certificatesOf('bundled')
}

function factsOf(stream: TLSSocket, certificate: PeerCertificate, { verifyCert }: TlsDomain): TlsFacts {
  return {
    protocol: stream.getProtocol() ?? 'TLS',
    names: namesOf(certificate),
    issuer: nameOf(certificate.issuer),
    daysLeft: Math.floor((Date.parse(certificate.valid_to) - Date.now()) / 86_400_000),
    verified: verifyCert,
  }
}
