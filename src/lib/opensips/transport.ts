import { type MiUrl, printMiUrl } from '#lib/domain/opensips/mi-url.ts'
import type { Version } from '#lib/domain/opensips/version.ts'

/** One way to an OpenSIPS's Management Interface. */
export interface Transport {
  /** Requests that may be under way side by side. */
  readonly mostAtOnce: number
  /** The most bytes that a request may have, as far as is known. @param version undefined where it is not known yet */
  largestRequest(version: Version | undefined): number
  /** Sends a request, once, and returns the answer. @throws EviError `unreachable`, `refused`, `cannot-write` */
  exchange(request: string): Promise<string>
}

/** Milliseconds. */
export interface MiTiming {
  /** For the TCP connection. */
  readonly connectTimeout: number
  /** For the answer. */
  readonly replyTimeout: number
}

/** Bytes of an answer; a list of ten thousand subscribers has about one million. */
export const largestAnswer = 16 * 1024 * 1024
/** Bytes that mi_datagram takes, on a unix socket and on UDP. */
export const largestDatagram = 65_457

/** What every transport works with: the address, how it is shown, and the time-outs. */
export abstract class MiTransport<U extends MiUrl> {
  protected readonly mi: U
  protected readonly timing: MiTiming
  /** The address without its password. */
  protected readonly place: string

  constructor(mi: U, timing: MiTiming) {
    this.mi = mi
    this.timing = timing
    this.place = printMiUrl(mi)
  }
}
