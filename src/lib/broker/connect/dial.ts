import { type LookupAddress, lookup } from 'node:dns'
import { isIPv4, type Socket as TcpSocket } from 'node:net'
import { withDeadline } from '#lib/async/deadline.ts'
import { millisecondsSince } from '#lib/async/milliseconds-since.ts'
import type { Stage, Timing } from '#lib/broker/broker.ts'
import { connectionError, type Timeout, timeoutError } from '#lib/broker/errors/network-errors.ts'
import type { Host } from '#lib/domain/socket/socket.ts'
import { takeConnectionSlot } from './connection-slots.ts'
import { connectDirectly } from './direct-reads.ts'

/** Reports a step that was done, or why it failed. */
export type Observe = (stage: Stage) => void

/**
 * Waits for a descriptor, looks the host's name up, which may take `replyTimeout`, and opens a TCP connection to it, which may take
 * `connectTimeout` for each of its addresses, one after the other.
 *
 * @throws EviError `unreachable`
 */
export async function openTransport(host: Host, timing: Timing, observe: Observe): Promise<TcpSocket> {
  const free = await takeConnectionSlot(timing.replyTimeout)
  try {
    const addresses = await step(
      { host, step: 'name', observe, facts: (found) => ({ addresses: found.map(({ address }) => address) }) },
      () => inTime(lookUp(host, timing), { host, step: 'name', milliseconds: timing.replyTimeout }),
    )
    const tcp = await step(
      { host, step: 'tcp', observe, facts: (tcp) => ({ addresses: [tcp.remoteAddress ?? host.host] }) },
      () => dial(host, addresses, timing),
    )
    return tcp.once('close', free)
  } catch (error) {
    free()
    throw error
  }
}

export interface Step<T> {
  readonly host: Host
  readonly step: Stage['step']
  readonly observe: Observe
  readonly facts: (result: T) => Partial<Stage>
}

/** Does a step and reports its outcome. @throws EviError what the action throws, as evi's error */
export async function step<T>({ host, step, observe, facts }: Step<T>, action: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const ms = () => millisecondsSince(start)
  try {
    const result = await action()
    observe({ host, step, ms: ms(), ...facts(result) })
    return result
  } catch (error) {
    const failure = connectionError(error, host, step)
    observe({ host, step, ms: ms(), failure })
    throw failure
  }
}

/** What the promise resolves to. @throws EviError `unreachable` when that takes too long */
export async function inTime<T>(promise: Promise<T>, limit: Timeout): Promise<T> {
  const result = await withDeadline(promise, limit.milliseconds)
  if (result === 'late') throw timeoutError(limit)
  return result
}

async function lookUp({ host }: Host, { replyTimeout }: Timing): Promise<LookupAddress[]> {
  // Only an address of IPv6 has a colon in it; Node's pattern for them takes 4 ms to compile.
  const family = host.includes(':') ? 6 : isIPv4(host) ? 4 : undefined
  if (family) return [{ address: host, family }]
  limitResolver(replyTimeout)
  const { promise, resolve, reject } = Promise.withResolvers<LookupAddress[]>()
  lookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)))
  return await promise
}

/** A look-up cannot be cancelled and keeps the process from ending, so glibc's resolver gives up when evi does. */
function limitResolver(replyTimeout: number): void {
  const attempts = 2
  const seconds = Math.max(1, Math.floor(replyTimeout / 1000 / attempts))
  process.env.RES_OPTIONS ??= `timeout:${seconds} attempts:${attempts}`
}

async function dial(host: Host, addresses: LookupAddress[], { connectTimeout }: Timing): Promise<TcpSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TcpSocket>()
  const tcp = connectDirectly({
    host: host.host,
    port: host.port,
    // Without it, Nagle's algorithm adds 40 ms to each exchange of the handshake.
    noDelay: true,
    // All addresses at once, so that Node may try one after the other.
    lookup: (_name, _options, callback) => callback(null, addresses),
    autoSelectFamilyAttemptTimeout: connectTimeout,
  })
  const fail = (error: Error) => reject(error)
  tcp.once('error', fail).once('connect', () => resolve(tcp))
  try {
    const milliseconds = connectTimeout * addresses.length
    return await inTime(promise, { host, step: 'tcp', milliseconds, addresses: addresses.length })
  } catch (error) {
    tcp.on('error', () => {}).destroy()
    throw error
  } finally {
    tcp.off('error', fail)
  }
}
