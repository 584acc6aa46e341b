import type { BrokerConnection } from '#lib/broker/broker.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { EviError } from '#lib/errors.ts'
import type { Draft, SetupPorts } from './ports.ts'

/**
 * Tries the draft's login; whether the vhost can be entered is another question's affair.
 *
 * @throws EviError `refused`, `unreachable`
 */
export async function logIn(draft: Draft, { broker, timing }: SetupPorts): Promise<void> {
  let letIn = false
  try {
    const connection = await (await broker(newOnes(draft))).connect(draft.socket, timing, (stage) => {
      letIn ||= stage.step === 'login' && stage.failure === undefined
    })
    await connection.close()
  } catch (error) {
    if (!letIn || !(error instanceof EviError)) throw error
  }
}

/** Does something with a connection of the draft's, and closes it. @throws EviError `refused`, `unreachable` */
export async function withConnection<T>(
  draft: Draft,
  { broker, timing }: SetupPorts,
  action: (connection: BrokerConnection) => Promise<T>,
): Promise<T> {
  const connection = await (await broker(newOnes(draft))).connect(draft.socket, timing)
  try {
    return await action(connection)
  } finally {
    await connection.close()
  }
}

/** The TLS domains that are not stored yet. */
export function newOnes({ newTlsDomain }: Draft): readonly TlsDomain[] {
  return newTlsDomain ? [newTlsDomain] : []
}
