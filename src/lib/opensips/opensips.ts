import type { ServerVersion } from '#lib/domain/opensips/server-version.ts'
import type { Subscriber } from '#lib/domain/opensips/subscriber.ts'
import { EviError } from '#lib/errors.ts'

/** OpenSIPS was not asked: nothing of the request came to it. */
export class NotAsked extends EviError {}

/**
 * The port to the Management Interface (MI) of an OpenSIPS. All of it throws EviError: `unreachable` (as NotAsked where
 * nothing was sent), `refused` (not allowed), `opensips-refused` (an error of the MI's own), `data` where a request is larger than the transport takes.
 */
export interface OpenSips {
  /** The address, without a password. */
  readonly printed: string
  /** Requests that it takes side by side. */
  readonly mostAtOnce: number
  version(): Promise<ServerVersion>
  /** The names of the events that it knows: those of its modules and of its script. */
  events(): Promise<readonly string[]>
  /** The subscribers of all events that have some, the newest first. */
  allSubscribers(): Promise<readonly EventSubscribers[]>
  /** The subscribers of the event, the newest first; undefined where it does not know the event. */
  subscribers(event: string): Promise<readonly Subscriber[] | undefined>
  /** Whether the event has the subscriber, by host, port, user, exchange and routing key. @param socket as OpenSIPS reads it */
  hasSubscriber(event: string, socket: string): Promise<boolean>
  /** Subscribes the socket until OpenSIPS ends. @param socket as OpenSIPS reads it, with its password */
  subscribe(event: string, socket: string): Promise<void>
  /**
   * Has the event raised. That it returns says that OpenSIPS handed the event to a process of its own, and nothing more.
   *
   * @param params a JSON object of strings and 32-bit integers
   * @throws EviError `not-found` for an event that it does not know, `no-subscriber`
   */
  raise(event: string, params: string | undefined): Promise<void>
  /** The names of the commands that it knows. */
  commands(): Promise<readonly string[]>
}

export interface EventSubscribers {
  readonly event: string
  readonly subscribers: readonly Subscriber[]
}
