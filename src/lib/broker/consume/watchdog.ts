import type { Socket as TcpSocket } from 'node:net'

export interface WatchdogLimits {
  /** Milliseconds that the broker may take to answer a ping. */
  readonly replyTimeout: number
  /** A broker that blocks publishers reads nothing from a connection that has published. */
  readonly isBlocked: () => boolean
  /** Asks the broker for anything that it must answer, with no timeout of its own. */
  readonly ping: () => Promise<unknown>
  /** Nothing came for `replyTimeout` after a ping: the connection is dead. @param silentMs since when, at most */
  readonly onTimeout: (silentMs: number) => void
}

/** Milliseconds without a byte from the broker after which it is pinged. */
const idleInterval = 1000

/** Ticks in a reply timeout: a process that was stopped gets one of them, and then reads what has come in that time. */
const ticksPerTimeout = 5

/**
 * Notices a connection that carries nothing any more, whatever its heartbeat. Bytes count as life, so a large message
 * that holds the answer up is none of its business, and neither is a slow reader of evi's output.
 *
 * @returns what ends it
 */
export function startWatchdog(stream: TcpSocket, limits: WatchdogLimits): () => void {
  const { replyTimeout, isBlocked, ping, onTimeout } = limits
  const tick = Math.min(idleInterval, Math.max(1, Math.ceil(replyTimeout / ticksPerTimeout)))
  const ticksToPing = Math.ceil(idleInterval / tick)
  const ticksToEnd = Math.max(Math.ceil(replyTimeout / tick), ticksPerTimeout)
  let received = stream.bytesRead
  /** When the last byte came, at the earliest; on the clock of `performance.now()`. */
  let heardAt = performance.now()
  let lookedAt = heardAt
  let quiet = 0
  let unanswered = 0
  let pinging = false
  const settle = () => {
    pinging = false
  }
  const look = () => {
    const lookedBefore = lookedAt
    lookedAt = performance.now()
    if (stream.bytesRead !== received || isBlocked()) {
      received = stream.bytesRead
      heardAt = lookedBefore
      quiet = 0
      unanswered = 0
      return
    }
    if (++quiet < ticksToPing) return
    if (!pinging) {
      pinging = true
      unanswered = 0
      void ping().then(settle, settle)
      return
    }
    if (++unanswered < ticksToEnd) return
    clearInterval(timer)
    onTimeout(lookedAt - heardAt)
  }
  const timer = setInterval(look, tick)
  stream.once('close', () => clearInterval(timer))
  return () => clearInterval(timer)
}
