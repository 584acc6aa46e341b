import type { PublishFailure } from '#lib/domain/failure/failure.ts'

/** `unknown`: the broker does not say. */
export type QueueKind = 'classic' | 'quorum' | 'stream' | 'exclusive' | 'unknown'

/** What was found under a name; `forbidden` where the user is not permitted to look. */
export type LookupResult =
  | { readonly found: true }
  /** With the broker's own sentence, to stand behind evi's. */
  | { readonly found: false; readonly quote: string }
  /** With the user that really logged in, where the broker names it. */
  | { readonly found: 'forbidden'; readonly reason: string; readonly user: string | undefined }

/** What AMQP shows of an exchange; undefined for what it does not show this user, or at all. */
export interface ExchangeFacts {
  readonly type: string | undefined
  /** That of the exchange's own arguments, null where there is none; that of a policy is not seen over AMQP. */
  readonly alternate: string | null | undefined
  /** Whether it is deleted as soon as its last binding goes. */
  readonly autoDelete: boolean | undefined
}

export type QueueLookup =
  | { readonly found: true; readonly messages: number; readonly consumers: number }
  /** It is exclusive to another connection, so there are no numbers to be had. */
  | { readonly found: 'exclusive' }
  | Exclude<LookupResult, { found: true }>

/** Whether the broker would take a message. */
export type Rehearsal = { readonly status: 'possible' } | PublishFailure
