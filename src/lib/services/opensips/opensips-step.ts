import type { ErrorCode } from '#lib/exit-codes.ts'

/** A step on OpenSIPS's side, and how it went; see `CheckStep`. */
export interface OpenSipsStep {
  readonly step: 'reached' | 'event' | 'subscribed' | 'form' | 'channel'
  readonly status: 'passed' | 'warning' | 'unknown' | 'failed'
  readonly found: string
  readonly ms?: number
  readonly reason?: string
  readonly hint?: string | undefined
  readonly code?: ErrorCode
}
