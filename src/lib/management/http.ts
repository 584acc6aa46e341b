import type { IncomingMessage, RequestOptions } from 'node:http'
import type { ManagementBudget } from './budget.ts'

export interface HttpRequest {
  readonly url: URL
  /** Undefined for an anonymous request. */
  readonly authorization: string | undefined
  /** Ends the waiting for this reply. */
  readonly signal: AbortSignal
  readonly budget: ManagementBudget
  /** Certificates of the authorities to trust (PEM); by default Node's own list. */
  readonly authorities?: Buffer | undefined
}

export interface HttpReply {
  readonly status: number
  /** Where a redirect points to. */
  readonly location: string | undefined
  /** How a login is asked for. */
  readonly challenge: string | undefined
  readonly text: string
}

/**
 * Asks once, without following a redirect, which would take the login elsewhere, and without a proxy.
 *
 * @throws Error of Node's, or the signal's reason; EviError `unreachable` where the budget is used up
 */
export async function get({
  url,
  authorization,
  signal,
  budget,
  authorities,
}: HttpRequest): Promise<HttpReply> {
  const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  const options: RequestOptions & { rejectUnauthorized: boolean; ca?: Buffer } = {
    headers: { accept: 'application/json', connection: 'close' },
    // An agent of our own, as the global one may go by a proxy of the environment.
    agent: false,
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: a login goes over this connection.
    rejectUnauthorized: true,
    ...(authorities && { ca: authorities }),
    signal,
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const asked = request(url, options, resolve).on('error', reject)
  // Not among the options, which NODE_DEBUG prints.
  if (authorization !== undefined) asked.setHeader('authorization', authorization)
  asked.end()
  try {
    const response = await promise
    const { statusCode: status = 0, headers } = response
    const text = await textOf(response, budget)
    // What ends by being cut off would look whole where it has no length.
    signal.throwIfAborted()
    return { status, location: headers.location, challenge: headers['www-authenticate'], text }
  } catch (error) {
    // Once an answer has begun, Node reports the timeout as a connection that was reset.
    throw signal.aborted ? signal.reason : error
  }
}

async function textOf(response: IncomingMessage, budget: ManagementBudget): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response) {
      budget.take(chunk.length)
      chunks.push(chunk)
    }
  } finally {
    response.destroy()
  }
  if (!response.complete) throw new Error('The answer was cut off.')
  return Buffer.concat(chunks).toString()
}
