import type { Binding, Exchange } from '#lib/domain/routing/route.ts'
import { EviError, systemCode } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import type { Management, ManagementLogin } from './management.ts'
import {
  type ExchangeRecord,
  has,
  isBinding,
  isCluster,
  isExchange,
  isPolicy,
  listOf,
  readJson,
  textOf,
} from './responses.ts'

/** RabbitMQ's management API over HTTP. */
export class ManagementApi implements Management {
  readonly #login: ManagementLogin
  readonly #timeout: number
  /** By their addresses: a policy mostly holds for many exchanges. */
  readonly #alternates = new Map<string, Promise<string | null | undefined>>()

  /** @param timeout milliseconds for each reply */
  constructor(login: ManagementLogin, timeout: number) {
    this.#login = login
    this.#timeout = timeout
  }

  async cluster(): Promise<string | undefined> {
    return (await this.#get(isCluster, 'cluster-name'))?.name
  }

  async exchange(vhost: string, name: string): Promise<Exchange | undefined> {
    const found = await this.#get(isExchange, 'exchanges', vhost, name)
    return found && (await this.#read(found, vhost))
  }

  async exchanges(vhost: string): Promise<readonly Exchange[]> {
    const all = (await this.#get(listOf(isExchange), 'exchanges', vhost)) ?? []
    const named = all.filter(({ name }) => name !== '')
    return await Promise.all(named.map((record) => this.#read(record, vhost)))
  }

  async bindingsFrom(vhost: string, exchange: string): Promise<readonly Binding[]> {
    const records = await this.#get(listOf(isBinding), 'exchanges', vhost, exchange, 'bindings', 'source')
    return (records ?? []).map((record) => ({
      source: record.source,
      destination: { kind: record.destination_type, name: record.destination },
      routingKey: record.routing_key,
      arguments: Object.fromEntries(
        // The API writes AMQP's void, which any value matches, as a text.
        Object.entries(record.arguments).map(([name, value]) => [name, value === 'undefined' ? null : value]),
      ),
    }))
  }

  async #read({ name, type, arguments: own, policy }: ExchangeRecord, vhost: string): Promise<Exchange> {
    const delayed = type === 'x-delayed-message' ? own['x-delayed-type'] : undefined
    // An argument goes before a policy.
    const argument = own['alternate-exchange']
    return {
      name,
      type: typeof delayed === 'string' ? delayed : type,
      alternate: argument === undefined ? await this.#alternateBy(policy, vhost) : alternateNamed(argument),
    }
  }

  async #alternateBy(policy: string | undefined, vhost: string): Promise<string | null | undefined> {
    if (policy === undefined) return null
    const key = JSON.stringify([vhost, policy])
    const known = this.#alternates.get(key) ?? this.#readPolicy(policy, vhost)
    this.#alternates.set(key, known)
    return await known
  }

  /** Undefined where the user may see exchanges and not policies, which takes the tag `policymaker`. */
  async #readPolicy(policy: string, vhost: string): Promise<string | null | undefined> {
    try {
      const found = await this.#get(isPolicy, 'policies', vhost, policy)
      return alternateNamed(found?.definition['alternate-exchange'])
    } catch (error) {
      if (error instanceof EviError && error.code === 'refused') return undefined
      throw error
    }
  }

  /** Undefined where there is no such thing. */
  async #get<T>(
    is: (document: unknown) => document is T,
    ...path: readonly string[]
  ): Promise<T | undefined> {
    const { url, user, password } = this.#login
    const dots = path.find((word) => word === '.' || word === '..')
    // A URL has no way to write these, escaped or not (WHATWG URL, 4.3).
    if (dots)
      throw new EviError('unreachable', `The management API cannot be asked about the name "${dots}".`)
    const base = `${url.origin}${url.pathname}`.replace(/\/(?:api\/?)?$/, '')
    const address = `${base}/api/${path.map(encodeURIComponent).join('/')}`
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    let response: Response
    let document: unknown
    try {
      response = await fetch(address, {
        headers: { authorization },
        redirect: 'error',
        signal: AbortSignal.timeout(this.#timeout),
      })
      document = readJson(await textOf(response))
    } catch (error) {
      throw this.#silence(error)
    }
    if (response.status === 401 || response.status === 403) throw this.#refusal(document)
    if (response.status === 404 && has(document, 'error') && document.error === 'Object Not Found')
      return undefined
    if (response.ok && is(document)) return document
    throw this.#stranger(response.status)
  }

  #refusal(document: unknown): EviError {
    const { user } = this.#login
    const reason = has(document, 'reason') ? document.reason : undefined
    const hint = /management/i.test(String(reason))
      ? `Let it look: rabbitmqctl set_user_tags ${shellWord(user)} management`
      : 'Give another login: --management http://USER:PASSWORD@HOST:15672'
    return new EviError(
      'refused',
      `The management API refuses the user "${user}"${typeof reason === 'string' ? `: ${reason}` : ''}.`,
      { hint },
    )
  }

  #silence(error: unknown): EviError {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    const late = error instanceof Error && error.name === 'TimeoutError'
    const reason = late
      ? `does not answer within ${this.#timeout} ms`
      : `cannot be reached (${systemCode(cause) ?? 'no HTTP there'})`
    return new EviError('unreachable', `The management API at ${this.#login.url.host} ${reason}.`, {
      hint: 'Check the URL, and that the plugin runs: rabbitmq-plugins enable rabbitmq_management',
      cause: error,
    })
  }

  #stranger(status: number): EviError {
    return new EviError(
      'unreachable',
      `${this.#login.url.host} answers, but not as a management API (${status}).`,
      { hint: 'Check the URL; the management API is mostly at http://HOST:15672' },
    )
  }
}

/** The default exchange takes nothing from another one (RabbitMQ 3.10). */
function alternateNamed(name: unknown): string | null {
  return typeof name === 'string' && name !== '' ? name : null
}
