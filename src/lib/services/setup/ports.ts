import type { Broker, QueueLookup, Timing } from '#lib/broker/broker.ts'
import type { ManagementSetting } from '#lib/domain/management-setting.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { TlsDomain, TlsDomainStore, TlsFiles } from '#lib/domain/socket/tls-domain.ts'
import type { SubscriptionStore } from '#lib/domain/subscription/subscription.ts'
import type { Management } from '#lib/management/management.ts'
import type { OpenSips } from '#lib/opensips/opensips.ts'

/** What the wizard knows so far; each answer adds to it, and is the default when its question is asked again. */
export interface Draft {
  readonly place: Place | undefined
  readonly socket: Socket
  /** The port speaks TLS. */
  readonly secure: boolean
  /** A TLS domain made here; it is stored at the end. */
  readonly newTlsDomain: TlsDomain | undefined
  /** Its key needs a passphrase. */
  readonly keyIsEncrypted: boolean
  /** The login is good as it is, so no password is asked for. */
  readonly loggedIn: boolean
  /** The queue of the routing key's name, on the default exchange. */
  readonly queue: QueueLookup | undefined
  /** `''` until it is known. */
  readonly event: string
  /** Seconds, or null for ever. */
  readonly expire: number | null
}

/** The broker on this machine's usual port, one at an address that the user types, or a sandbox that is started for it. */
export type Place = 'local' | 'other' | 'sandbox'

export const back = Symbol('back')
/** The answer that goes back to the question before. */
export type Back = typeof back

/** Who answers the wizard's questions; a port. All of them throw EviError `interrupted` when the answerer leaves. */
export interface Questions {
  /** What goes back to the question before, as the answerer knows it. */
  readonly backKey: string
  /** Asks for a text until it is accepted. */
  enter<T>(question: TextQuestion<T>): Promise<T | Back>
  /** Asks for one of the choices until it is accepted. */
  choose<A, T>(question: ChoiceQuestion<A, T>): Promise<T | Back>
  /** Asks for one of many choices, found by typing, until it is accepted. */
  search<T>(question: SearchQuestion<T>): Promise<T | Back>
  /** Which question comes next, of how many by what is known so far. */
  step(number: number, of: number): void
  /** Shows what was found out. */
  say(kind: 'good' | 'note', sentence: string): void
}

interface Question<A, T> {
  readonly message: string
  /** Checks an answer, live; an EviError is shown, and the question asked again. */
  readonly accept: (answer: A) => Promise<T>
}

export interface TextQuestion<T> extends Question<string, T> {
  /** What Enter alone answers. */
  readonly default: string
  /** Shown for a default that is empty. */
  readonly hint?: string
  /** Shows nothing of what is typed. */
  readonly secret?: boolean
}

export interface Choice<A> {
  readonly name: string
  readonly answer: A
  /** A short text about the choice while it is pointed at. */
  readonly about?: string
}

export interface ChoiceQuestion<A, T> extends Question<A, T> {
  readonly choices: readonly Choice<A>[]
  readonly default: A
}

export interface SearchQuestion<T> extends Question<string, T> {
  readonly find: (text: string) => readonly Choice<string>[]
}

/** What the wizard works with. */
export interface SetupPorts {
  readonly questions: Questions
  /** The broker, which also knows the TLS domains given. */
  readonly broker: (newTlsDomains: readonly TlsDomain[]) => Promise<Broker>
  readonly timing: Timing
  readonly subscriptions: SubscriptionStore
  readonly tlsDomains: TlsDomainStore
  /** What the files of a TLS domain hold; null for those it does not name. @throws EviError `no-input` */
  readonly readTlsFiles: (domain: TlsDomain) => TlsFiles
  readonly sandbox: SandboxStarter
  /** Where the management API is; `auto` guesses it, and asks before it gets the login. */
  readonly managementUrl: ManagementSetting
  /** The management API at the URL, with the socket's login. */
  readonly management: (url: URL, socket: Socket, replyTimeout: number) => Promise<Management>
  /** Where an address is given. */
  readonly openSips: OpenSips | undefined
}

/** Starts a private broker, one at a time. */
export interface SandboxStarter {
  /** Whether this machine has a RabbitMQ to start. */
  possible(): boolean
  /** Starts it, unless it runs, and returns its socket. @throws EviError `unreachable` */
  start(): Promise<Socket>
  stop(): Promise<void>
}

/** One question of the wizard. */
export interface Step {
  /** Whether there is anything to ask. */
  readonly applies: (draft: Draft, ports: SetupPorts) => boolean
  /** Asks until the answer is accepted; returns the draft with it. */
  readonly ask: (draft: Draft, ports: SetupPorts) => Promise<Draft | Back>
}
