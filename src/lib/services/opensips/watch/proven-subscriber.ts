import type { Socket } from '#lib/domain/socket/socket.ts'
import type { ErrorCode } from '#lib/exit-codes.ts'

/** What became of the event at one rabbitmq subscriber of OpenSIPS. */
export interface ProvenSubscriber {
  /** As OpenSIPS prints it. */
  readonly printed: string
  /** By which evi reaches its place; null where it cannot. */
  readonly socket: Socket | null
  /**
   * `arrived`: seen there, byte for byte. `counted`: its queue grew by just what was raised; the bytes were not seen, as others wait before. `differs`: only
   * an event of that name with other bytes was seen. `unroutable`: it was published, and there is no queue for it. `lost`: not
   * seen in time. `unseen`: evi cannot look there.
   */
  readonly status: 'arrived' | 'counted' | 'differs' | 'unroutable' | 'lost' | 'unseen'
  /** Which raise it was that arrived. */
  readonly attempt: number | null
  /** Milliseconds from the request to OpenSIPS to the arrival. */
  readonly ms: number | null
  readonly reason: string | null
  readonly hint: string | null
  readonly code: ErrorCode | undefined
}
