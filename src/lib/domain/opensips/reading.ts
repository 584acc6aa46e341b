import type { Settings } from '#lib/domain/settings.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'

/** A rabbitmq subscription of an OpenSIPS. */
export interface FoundSubscription {
  readonly event: string
  readonly socket: Socket
  /** Seconds after which OpenSIPS ends it; null for never, as always but for members of a virtual socket. */
  readonly expire: number | null
  readonly file: string
  readonly line: number
  /** Its place among all that is read, whichever file it is in. */
  readonly at: number
  /** The route in which it is made, such as `startup_route` or `route[name]`; empty outside of any route. */
  readonly route: string
  /** Whether it is certain that OpenSIPS makes it when it starts. */
  readonly when: 'startup' | 'maybe'
}

/** What is not certain, or not evi's. */
export interface ReadingWarning {
  readonly code: WarningCode
  readonly file: string
  readonly line: number
  /** Its place among all that is read, whichever file it is in. */
  readonly at: number
  /** One sentence or two, without any password. */
  readonly message: string
}

export type WarningCode =
  | 'condition'
  | 'control-character'
  | 'duplicate'
  | 'expire-ignored'
  | 'expires'
  | 'looks-like-a-parameter'
  | 'modparam'
  | 'module-missing'
  | 'newline-in-socket'
  | 'no-password'
  | 'not-at-startup'
  | 'not-in-a-route'
  | 'old-form'
  | 'open-comment'
  | 'persistent-lost'
  | 'refused-event'
  | 'refused-expiry'
  | 'refused-socket'
  | 'rest-of-include-line'
  | 'setting'
  | 'sync-mode'
  | 'tls-domain'
  | 'tls-domain-unknown'
  | 'transport'
  | 'twice'
  | 'use-tls'
  | 'variable'
  | 'virtual'

/** What an OpenSIPS has, as far as it is evi's. */
export interface Reading {
  /** In the order of the file. */
  readonly subscriptions: readonly FoundSubscription[]
  /** Rabbitmq subscriptions that evi cannot take; each has its warning. */
  readonly unread: number
  readonly settings: Partial<Settings>
  readonly tlsDomains: readonly TlsDomain[]
  /** In the order of the file. */
  readonly warnings: readonly ReadingWarning[]
}
