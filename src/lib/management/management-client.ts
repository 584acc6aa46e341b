import { EviError } from '#lib/errors.ts'
import type { ManagementBudget } from './budget.ts'
import { get, type HttpReply } from './http.ts'
import { has } from './json-values.ts'
import type { ManagementLogin } from './management.ts'
import { noAnswer, redirected, refusal, stranger } from './management-errors.ts'
import { readJson } from './responses.ts'

export interface ManagementLimits {
  /** Milliseconds for each reply. */
  readonly replyTimeout: number
  /** What all requests of a command share. */
  readonly budget: ManagementBudget
}

/** Asks a management API over HTTP, with one login, and checks each reply. */
export class ManagementClient {
  readonly #login: ManagementLogin
  readonly #limits: ManagementLimits

  constructor(login: ManagementLogin, limits: ManagementLimits) {
    this.#login = login
    this.#limits = limits
  }

  get host(): string {
    return this.#login.url.hostname.replace(/^\[|\]$/g, '')
  }

  /** Whether a management API of RabbitMQ answers, in milliseconds at most; no login is sent. */
  async isThere(limit: number): Promise<boolean> {
    const url = this.#urlOf(['whoami'], '')
    const { budget } = this.#limits
    const { authorities } = this.#login
    try {
      const signal = AbortSignal.timeout(limit)
      const { status, challenge = '' } = await get({
        url,
        authorization: undefined,
        signal,
        budget,
        authorities,
      })
      return status === 401 && challenge.includes('RabbitMQ')
    } catch {
      return false
    }
  }

  /**
   * What is there at a path of the API; undefined where there is no such thing.
   *
   * @param is checks that the document is what was asked for
   * @throws EviError `unreachable`, `refused`
   */
  async get<T>(
    is: (document: unknown) => document is T,
    path: readonly string[],
    query = '',
  ): Promise<T | undefined> {
    const reply = await this.#ask(path, query)
    const document = readJson(reply.text)
    const { status } = reply
    if (status === 401 || status === 403) throw refusal(this.#login, reply, document)
    if (status >= 300 && status < 400) throw redirected(this.#login, reply)
    if (status === 404 && has(document, 'error') && document.error === 'Object Not Found') return undefined
    if (status >= 200 && status < 300 && is(document)) return document
    throw stranger(this.#login, reply)
  }

  async #ask(path: readonly string[], query: string): Promise<HttpReply> {
    const { user, password, authorities } = this.#login
    const url = this.#urlOf(path, query)
    const { replyTimeout, budget } = this.#limits
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    try {
      return await budget.spend(async (usedUp) => {
        const signal = AbortSignal.any([AbortSignal.timeout(replyTimeout), usedUp])
        return await get({ url, authorization, signal, budget, authorities })
      })
    } catch (error) {
      throw noAnswer(this.#login, error, budget.isUsedUp ? budget.milliseconds : replyTimeout)
    }
  }

  #urlOf(path: readonly string[], query: string): URL {
    const { url: base } = this.#login
    const dots = path.find((word) => word === '.' || word === '..')
    // A URL has no way to write these, escaped or not (WHATWG URL, 4.3).
    if (dots)
      throw new EviError('unreachable', `The management API cannot be asked about the name "${dots}".`)
    const start = `${base.origin}${base.pathname}`.replace(/\/(?:api\/?)?$/, '')
    const url = new URL(`${start}/api/${path.map(encodeURIComponent).join('/')}`)
    url.search = query
    return url
  }
}
