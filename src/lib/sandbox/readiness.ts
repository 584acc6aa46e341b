import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverProperty } from '#lib/broker/wire/server-properties.ts'
import { loopback } from './node-files.ts'

const protocolHeader = 'AMQP\x00\x00\x09\x01'
/** Milliseconds between two attempts, and for one of them. */
const pause = 50
const attemptTimeout = 2000

/** Asks until there is an answer; undefined when the signal came first. */
export async function ask<T>(
  question: () => Promise<T | undefined>,
  signal: AbortSignal,
): Promise<T | undefined> {
  while (!signal.aborted) {
    const answer = await question()
    if (answer !== undefined && !signal.aborted) return answer
    await sleep(pause)
  }
  return undefined
}

/**
 * The version a broker names in Connection.Start, its answer to the protocol header (AMQP 0-9-1, 2.2.4). A port that
 * accepts connections is not enough: RabbitMQ opens it before it can serve.
 */
export async function brokerVersion(port: number): Promise<string | undefined> {
  const socket = connect({ host: loopback, port })
  socket.setTimeout(attemptTimeout, () => socket.destroy())
  socket.write(protocolHeader, 'latin1')
  try {
    let received = Buffer.alloc(0)
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk])
      const version = serverProperty(received, 'version')
      if (version !== undefined) return version
    }
  } catch {
    // Refused or reset: not ready yet.
  } finally {
    socket.destroy()
  }
  return undefined
}

/** The address once the management plugin serves it. */
export async function managementAnswer(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(attemptTimeout) })
    await response.body?.cancel()
    return response.ok ? url : undefined
  } catch {
    return undefined
  }
}
