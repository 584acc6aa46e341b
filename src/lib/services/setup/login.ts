import type { BrokerConnection, Stage } from '#lib/broker/broker.ts'
import { hintForPrompt } from '#lib/domain/failure/remedies.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { EviError } from '#lib/errors.ts'
import type { Draft, Questions, SetupPorts } from './ports.ts'

/**
 * Tries the draft's login; whether the vhost can be entered is another question's affair.
 *
 * @throws EviError `refused`, `unreachable`
 */
export async function logIn(draft: Draft, { broker, timing, questions }: SetupPorts): Promise<void> {
  let loggedIn = false
  try {
    const connection = await (await broker(newOnes(draft))).connect(draft.socket, timing, (stage) => {
      loggedIn ||= stage.step === 'login' && stage.failure === undefined
    })
    await connection.close()
  } catch (error) {
    if (!loggedIn || !(error instanceof EviError)) throw forPrompt(error, questions)
  }
}

/** Does something with a connection of the draft's, and closes it. @throws EviError `refused`, `unreachable` */
export async function withConnection<T>(
  draft: Draft,
  { broker, timing, questions }: SetupPorts,
  action: (connection: BrokerConnection) => Promise<T>,
): Promise<T> {
  const connection = await connect(draft, { broker, timing, questions })
  try {
    return await action(connection)
  } finally {
    await connection.close()
  }
}

async function connect(
  draft: Draft,
  { broker, timing, questions }: Pick<SetupPorts, 'broker' | 'timing' | 'questions'>,
): Promise<BrokerConnection> {
  try {
    return await (await broker(newOnes(draft))).connect(draft.socket, timing)
  } catch (error) {
    throw forPrompt(error, questions)
  }
}

/** Reaches the broker up to its greeting. @throws EviError `unreachable` */
export async function reach(
  draft: Draft,
  { broker, timing, questions }: Pick<SetupPorts, 'broker' | 'timing' | 'questions'>,
  observe?: (stage: Stage) => void,
): Promise<void> {
  try {
    await (await broker(newOnes(draft))).reach(draft.socket, timing, observe)
  } catch (error) {
    throw forPrompt(error, questions)
  }
}

/** The same error, with what to do at a prompt. */
export function forPrompt(error: unknown, { backKey }: Questions): unknown {
  if (!(error instanceof EviError) || error.hint === undefined) return error
  return new EviError(error.code, error.message, { hint: hintForPrompt(error.hint, backKey), cause: error })
}

/** The TLS domains that are not stored yet. */
export function newOnes({ newTlsDomain }: Draft): readonly TlsDomain[] {
  return newTlsDomain ? [newTlsDomain] : []
}
