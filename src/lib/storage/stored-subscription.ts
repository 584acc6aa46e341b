import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { printSocket, type Socket } from '#lib/domain/socket/socket.ts'
import type { Subscription } from '#lib/domain/subscription/subscription.ts'
import type { EviError } from '#lib/errors.ts'
import {
  eventOf,
  isForEver,
  type RecordLine,
  recordOf,
  type StoredRecord,
  socketOf,
} from './subscription-records.ts'

/**
 * A subscription of a large file, whose line is read when it is asked for more than its event: who looks for a few of a
 * million does not pay for all.
 */
export class LineSubscription implements Subscription {
  readonly event: string
  readonly line: RecordLine
  readonly #damaged: (line: RecordLine) => EviError
  #read: Subscription | undefined

  /** @param damaged the error for a line that makes no sense */
  constructor(line: RecordLine, damaged: (line: RecordLine) => EviError) {
    this.event = eventOf(line)
    this.line = line
    this.#damaged = damaged
  }

  get expire(): number | null {
    return this.#read === undefined && isForEver(this.line) ? null : this.#whole().expire
  }

  get printed(): string | undefined {
    return socketOf(this.line)
  }

  get subscribedAt(): Date {
    return this.#whole().subscribedAt
  }

  get socket(): Socket {
    return this.#whole().socket
  }

  #whole(): Subscription {
    this.#read ??= decode(recordOf(this.line))
    if (this.#read === undefined) throw this.#damaged(this.line)
    return this.#read
  }
}

/** A subscription as it is stored, with its password (docs/settings.md). */
export function encode({ event, socket, subscribedAt, expire }: Subscription): StoredRecord {
  const { password } = socket
  return {
    event,
    socket: printSocket(socket),
    ...(typeof password === 'string' ? { password } : {}),
    ...(typeof password === 'object' && 'env' in password ? { passwordEnv: password.env } : {}),
    subscribedAt: subscribedAt.toISOString(),
    expire,
  }
}

/** Undefined for a record that makes no sense. */
export function decode(record: Partial<StoredRecord> | null): Subscription | undefined {
  if (typeof record !== 'object' || record === null) return undefined
  const { event, socket, password, passwordEnv, expire } = record
  if (typeof event !== 'string' || typeof socket !== 'string') return undefined
  if (typeof record.subscribedAt !== 'string') return undefined
  const subscribedAt = new Date(record.subscribedAt)
  if ([password, passwordEnv].some((text) => text !== undefined && typeof text !== 'string')) return undefined
  if (Number.isNaN(subscribedAt.getTime()) || !(expire === null || Number.isInteger(expire))) return undefined
  try {
    return {
      event,
      socket: {
        ...parseSocket(socket),
        password: passwordEnv === undefined ? password : { env: passwordEnv },
      },
      subscribedAt,
      expire: expire as number | null,
    }
  } catch {
    return undefined
  }
}
