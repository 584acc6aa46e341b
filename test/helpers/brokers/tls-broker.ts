import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '#lib/sandbox/free-ports.ts'
import { type Certificates, clientUser, type KeyPair } from './certificates.ts'
import { startTestSandbox, type TestSandbox } from './own-broker.ts'

export interface TlsBroker extends TestSandbox {
  /** Speaks TLS, while `port` speaks plain AMQP. */
  readonly tlsPort: number
  /** Of the management API over HTTPS, where that was asked for. */
  readonly httpsPort: number
  /** Shows another certificate to each connection from now on. */
  show(pair: KeyPair): Promise<void>
}

export interface TlsBrokerOptions {
  /** Refuse a client without a certificate; one with a certificate of `ca` may come in any case. */
  readonly demandsClientCertificate?: boolean
  /** Serve the management API over HTTPS. */
  readonly servesManagement?: boolean
}

/**
 * Starts a RabbitMQ that speaks TLS with `certificates.server`. Its users are guest and, by certificate alone (SASL
 * EXTERNAL), `clientUser`.
 *
 *     const certificates = await makeCertificates()
 *     const broker = await startTlsBroker(certificates)   // in beforeAll: takes as long as any sandbox
 *     await broker.show(certificates.expired)             // another fault, same broker
 *     …`rabbitmq:guest:guest@localhost:${broker.tlsPort}/tls_domain=D?q`
 *     await broker.stop()
 *     certificates.remove()
 */
export async function startTlsBroker(
  certificates: Certificates,
  { demandsClientCertificate = false, servesManagement = false }: TlsBrokerOptions = {},
): Promise<TlsBroker> {
  const [tlsPort = 0, httpsPort = 0] = await freePorts(2)
  const shown = join(certificates.directory, `shown-on-${tlsPort}`)
  const put = ({ certificate, privateKey }: KeyPair) => {
    copyFileSync(certificate, `${shown}.pem`)
    copyFileSync(privateKey, `${shown}.key`)
  }
  put(certificates.server)
  const sandbox = await startTestSandbox({
    plugins: ['rabbitmq_auth_mechanism_ssl', ...(servesManagement ? ['rabbitmq_management'] : [])],
    config: [
      `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
      `ssl_options.cacertfile = ${certificates.ca}`,
      `ssl_options.certfile = ${shown}.pem`,
      `ssl_options.keyfile = ${shown}.key`,
      'ssl_options.verify = verify_peer',
      `ssl_options.fail_if_no_peer_cert = ${demandsClientCertificate}`,
      ...(servesManagement
        ? [
            'management.ssl.ip = 127.0.0.1',
            `management.ssl.port = ${httpsPort}`,
            `management.ssl.cacertfile = ${certificates.ca}`,
            `management.ssl.certfile = ${shown}.pem`,
            `management.ssl.keyfile = ${shown}.key`,
          ]
        : []),
      'auth_mechanisms.1 = PLAIN',
      'auth_mechanisms.2 = EXTERNAL',
      'ssl_cert_login_from = common_name',
    ],
  })
  await sandbox.rabbitmqctl('add_user', clientUser, 'no password is used')
  await sandbox.rabbitmqctl('set_permissions', clientUser, '.*', '.*', '.*')
  return {
    ...sandbox,
    tlsPort,
    httpsPort,
    show: async (pair) => {
      put(pair)
      // Or the listener goes on with the files it remembers.
      await sandbox.rabbitmqctl('eval', 'ssl:clear_pem_cache().')
    },
  }
}
