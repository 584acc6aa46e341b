import { readFileSync } from 'node:fs'

/** An exchange with the Management Interface of a real OpenSIPS. */
export interface Exchange {
  /** Version, transport and what it shows: `4.0.1/http/version`. */
  readonly id: string
  readonly request: {
    readonly method: string
    readonly params?: Readonly<Record<string, string>>
  }
  readonly response: {
    readonly text?: string
    readonly end?: 'closed' | 'silence' | 'datagram'
    readonly status?: number
    /** The client's errno. */
    readonly error?: string
  }
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

export const recorded: readonly Exchange[] = JSON.parse(
  readFileSync(new URL('../../data/opensips/mi.json', import.meta.url), 'utf8'),
).exchanges

/** The part of the id that names the transport. */
export function transportOf({ id }: Exchange): string {
  return id.split('/')[1] as string
}
