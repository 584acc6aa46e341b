import { connect } from 'node:tls'
import { withDeadline } from '#lib/async/deadline.ts'
import type { Timing } from '#lib/broker/broker.ts'
import type { Host } from '#lib/domain/socket/socket.ts'

/** Whether a port completes a TLS handshake, or refuses it by one of TLS's alerts; nothing is sent over it. */
export async function answersTls(
  { host, port }: Host,
  { connectTimeout, replyTimeout }: Timing,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const stream = connect({ host, port, rejectUnauthorized: false })
  stream.once('secureConnect', () => resolve(true))
  stream.on('error', (error) => resolve(/ALERT/.test(String('code' in error ? error.code : ''))))
  stream.once('close', () => resolve(false))
  const answer = await withDeadline(promise, connectTimeout + replyTimeout)
  stream.destroy()
  return answer === true
}
