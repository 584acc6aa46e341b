import type { Exchange } from '#lib/domain/routing/route.ts'
import { EviError } from '#lib/errors.ts'
import type { ManagementClient } from './management-client.ts'
import { type ExchangeRecord, isPolicy } from './responses.ts'

/** Reads what the management API says of an exchange, and asks it for the policy that holds for it. */
export class ExchangeReader {
  readonly #client: ManagementClient
  /** By their addresses: a policy mostly holds for many exchanges. */
  readonly #alternates = new Map<string, Promise<string | null | undefined>>()

  constructor(client: ManagementClient) {
    this.#client = client
  }

  /** @throws EviError see `Management` */
  async read(record: ExchangeRecord, vhost: string): Promise<Exchange> {
    const { name, type, arguments: own, policy, internal } = record
    const delayed = type === 'x-delayed-message' ? own['x-delayed-type'] : undefined
    // An argument goes before a policy.
    const argument = own['alternate-exchange']
    return {
      name,
      type: typeof delayed === 'string' ? delayed : type,
      alternate: argument === undefined ? await this.#alternateBy(policy, vhost) : alternateNamed(argument),
      isInternal: internal === true,
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
      const found = await this.#client.get(isPolicy, ['policies', vhost, policy])
      return alternateNamed(found?.definition['alternate-exchange'])
    } catch (error) {
      if (error instanceof EviError && error.code === 'refused') return undefined
      throw error
    }
  }
}

/** The default exchange takes nothing from another one (RabbitMQ 3.10). */
function alternateNamed(name: unknown): string | null {
  return typeof name === 'string' && name !== '' ? name : null
}
