import type { LostDeadLetters } from './dead-letters.ts'

/** What the management API knows of a queue; undefined stands for what it does not show. */
export interface QueueState {
  readonly name: string
  /** `classic`, `quorum`, `stream`, or a type of a plugin. */
  readonly type: string | undefined
  /** Such as `running`; RabbitMQ's own word. */
  readonly state: string | undefined
  /** Where a classic queue lives. */
  readonly node: string | undefined
  /** Nodes that do not run; undefined where the user may not see nodes. */
  readonly stoppedNodes: readonly string[] | undefined
  /** The nodes with a replica, of a quorum queue or stream. */
  readonly members: readonly string[] | undefined
  /** Those of them that run. */
  readonly online: readonly string[] | undefined
  readonly messages: number | undefined
  readonly messagesReady: number | undefined
  readonly bytesReady: number | undefined
  readonly consumers: number | undefined
  /** A full queue rejects what is published, and drops nothing. */
  readonly rejectsWhenFull: boolean
  readonly maxLength: number | undefined
  readonly maxBytes: number | undefined
  /** Milliseconds until a message expires. */
  readonly ttl: number | undefined
  /** Where what the queue drops goes; undefined where it is lost. */
  readonly deadLetterExchange: string | undefined
  /** The one that the queue names, where there is none of that name. */
  readonly missingDeadLetterExchange: string | undefined
  /** The routing key that it gives them; undefined where they keep their own. */
  readonly deadLetterRoutingKey: string | undefined
  /** It keeps them until a queue takes them. */
  readonly keepsDeadLetters: boolean
  /** Those that no queue gets, as far as that was looked at. */
  readonly lostDeadLetters: LostDeadLetters | undefined
}

/** Whether a queue of the type has members on several nodes. */
export function isReplicated({ type }: { readonly type?: unknown }): boolean {
  return type === 'quorum' || type === 'stream'
}

/** What the queue itself said by AMQP just now; the management API's numbers are seconds old. */
export interface LiveNumbers {
  readonly messages: number
  readonly consumers: number
}

/**
 * Whether a queue takes messages: it does, it does and `loses` some before a consumer gets them, it confirms them and drops them
 * at once, it rejects them, or that was not seen.
 */
export type QueueVerdict =
  | { readonly status: 'takes' }
  | { readonly status: 'loses' | 'drops' | 'rejects'; readonly reason: string; readonly hint: string }
  | { readonly status: 'unseen'; readonly reason: string }
