import { unicodeOf } from '#lib/domain/opensips/config/syntax/source.ts'
import type { Config } from '#lib/domain/opensips/config/syntax/statement.ts'
import type { FoundSubscription } from '#lib/domain/opensips/reading.ts'
import { readSocketText } from '#lib/domain/opensips/socket-text.ts'
import { maskPasswords } from '#lib/domain/socket/mask-passwords.ts'
import { identityOf, type Socket } from '#lib/domain/socket/socket.ts'
import { doubtWarning } from './doubt-warning.ts'
import { noteMessage } from './notes.ts'
import { ArgumentReader } from './read-arguments.ts'
import type { ReadParameters, Warn } from './read-parameters.ts'
import type { OrderedMade } from './startup.ts'
import type { Values } from './values.ts'

export interface SubscriptionContext {
  readonly config: Config
  readonly parameters: ReadParameters
  readonly defined: Values
  readonly warn: Warn
}

/** A subscription, and where in the text it is made. */
export type PlacedSubscription = Omit<FoundSubscription, 'file' | 'line'> & { readonly order: number }

/** A socket of its own, or a member of a virtual one. */
interface Target {
  readonly event: string
  readonly text: string
  readonly expire: number | null
}

const virtualTypes: ReadonlyMap<string, string> = new Map([
  ['PARALLEL', 'OpenSIPS sends to each member, as evi does; evi takes them one by one.'],
  ['FAILOVER', 'OpenSIPS sends to the first member that works; evi would send to each.'],
  ['ROUND-ROBIN', 'OpenSIPS sends to one member after the other; evi would send to each.'],
])

/** Turns what OpenSIPS would subscribe into subscriptions of evi, with a warning for whatever is not certain or not evi's. */
export class SubscriptionReader {
  readonly subscriptions: PlacedSubscription[] = []
  /** Rabbitmq subscriptions that are left out. */
  unread = 0
  readonly #context: SubscriptionContext
  readonly #arguments: ArgumentReader
  readonly #indexes = new Map<string, number>()
  #saysMissing = true

  constructor(context: SubscriptionContext) {
    this.#context = context
    this.#arguments = new ArgumentReader(context.defined, context.warn)
  }

  read(made: OrderedMade): void {
    const { at, socket } = made.statement
    // Whatever its variables are.
    if (socket.kind === 'string' && /^(?!rabbitmq:|virtual:)[\w-]+:/i.test(socket.value)) {
      this.#readOther(at, unicodeOf(socket.value) ?? socket.value)
      return
    }
    const event = this.#arguments.event(made)
    const text = this.#arguments.socket(made)
    const mayBeRabbitmq = text === undefined || /^rabbitmq:/i.test(text)
    if (event === undefined || text === undefined) {
      if (mayBeRabbitmq) this.unread++
      return
    }
    if (made.isExpiryText) {
      if (mayBeRabbitmq) this.unread++
      this.#warn(
        at,
        'refused-expiry',
        'The expiry is a text: OpenSIPS makes no such subscription. Not taken.',
      )
      return
    }
    const expire = this.#arguments.expire(made)
    if (text.startsWith('virtual:')) this.#readVirtual(made, { event, text, expire })
    else if (mayBeRabbitmq) {
      if (made.expire)
        this.#warn(
          at,
          'expire-ignored',
          'OpenSIPS does not apply an expiry to rabbitmq sockets: this subscription never ends, and evi takes it so.',
        )
      this.#readRabbitmq(made, { event, text, expire: null })
    } else this.#readOther(at, text)
  }

  #readVirtual(made: OrderedMade, { event, text, expire }: Target): void {
    const { at } = made.statement
    const [, type = '', rest = ''] = /^virtual:[ \t]*(PARALLEL|FAILOVER|ROUND-ROBIN)(.*)$/s.exec(text) ?? []
    const message = virtualTypes.get(type)
    if (message === undefined) {
      this.unread++
      this.#warn(
        at,
        'refused-socket',
        'OpenSIPS refuses it: a virtual socket begins with PARALLEL, FAILOVER or ROUND-ROBIN, in capitals.',
      )
      return
    }
    this.#warn(at, 'virtual', `A virtual socket. ${message}`)
    if (made.expire) {
      const end =
        expire === null ? 'after some time; evi keeps it' : `after ${expire} seconds, and so does evi`
      this.#warn(at, 'expires', `OpenSIPS ends it ${end}.`)
    }
    for (const member of rest.split(/[ \t]+/).filter((one) => one !== '')) {
      if (/^rabbitmq:/i.test(member)) this.#readRabbitmq(made, { event, text: member, expire })
      else this.#readOther(at, member)
    }
  }

  #readOther(at: number, text: string): void {
    const colon = text.indexOf(':')
    const shown = maskPasswords(text)
    if (colon > 0) this.#warn(at, 'transport', `The transport ${text.slice(0, colon)} is not evi's: ${shown}`)
    else this.#warn(at, 'refused-socket', `OpenSIPS refuses a socket without a transport: ${shown}`)
  }

  #readRabbitmq(made: OrderedMade, { event, text, expire }: Target): void {
    const { at } = made.statement
    const reading = readSocketText(text)
    if ('refused' in reading) {
      this.unread++
      this.#warn(at, 'refused-socket', `${maskPasswords(text)}: ${reading.refused}. Not taken.`)
      return
    }
    const { socket, notes } = reading
    for (const note of notes) this.#warn(at, note, noteMessage(note, socket))
    this.#warnOfTls(at, socket)
    const isLoaded = this.#isLoaded(at)
    if (made.doubt) {
      const { code, message } = doubtWarning(made, made.doubt)
      this.#warn(at, code, message)
    }
    this.#add({
      at,
      event,
      socket,
      expire,
      route: made.route.name,
      when: made.doubt || !isLoaded ? 'maybe' : 'startup',
      order: made.order,
    })
  }

  /** Of two that are the same to OpenSIPS, the later one changes nothing but its time. */
  #add(subscription: PlacedSubscription): void {
    const key = `${subscription.event} ${identityOf(subscription.socket)}`
    const index = this.#indexes.get(key)
    const before = index === undefined ? undefined : this.subscriptions[index]
    if (index === undefined || !before) {
      this.#indexes.set(key, this.subscriptions.push(subscription) - 1)
      return
    }
    const isSurer = before.when === 'maybe' && subscription.when === 'startup'
    const isFirst = isSurer || (before.when === subscription.when && subscription.order < before.order)
    if (isFirst) this.subscriptions[index] = subscription
    this.#warn(
      isFirst ? before.at : subscription.at,
      'duplicate',
      `The same subscription to ${subscription.event} is made elsewhere, too: OpenSIPS keeps the password and parameters of the first.`,
    )
  }

  #warnOfTls(at: number, { tlsDomain }: Socket): void {
    if (tlsDomain === null) return
    const { tlsDomains, usesTls, hasTlsDatabase } = this.#context.parameters
    if (!usesTls)
      this.#warn(
        at,
        'use-tls',
        'tls_domain without modparam("event_rabbitmq", "use_tls", 1) crashes OpenSIPS.',
      )
    if (!hasTlsDatabase && !tlsDomains.some(({ name }) => name === tlsDomain))
      this.#warn(
        at,
        'tls-domain-unknown',
        `There is no client_domain "${tlsDomain}": OpenSIPS takes the socket and loses its events.`,
      )
  }

  /** A file without any module is a part of a configuration. */
  #isLoaded(at: number): boolean {
    const { modules } = this.#context.config
    if (modules.size === 0 || modules.has('event_rabbitmq')) return true
    if (this.#saysMissing)
      this.#warn(
        at,
        'module-missing',
        'event_rabbitmq is not loaded, so OpenSIPS refuses every rabbitmq socket. To take them all the same: --all-routes',
      )
    this.#saysMissing = false
    return false
  }

  #warn(...[at, code, message]: Parameters<Warn>): void {
    this.#context.warn(at, code, message)
  }
}
