import { remember } from '#lib/async/remember.ts'
import type { QueueState } from '#lib/domain/routing/queue-state.ts'
import type { Binding, Exchange } from '#lib/domain/routing/route.ts'
import type { Management } from '#lib/management/management.ts'

/** Things of a vhost that are asked about one by one; what more are, a listing of the vhost has. */
const askedSingly = 20

/**
 * A management API for one look at many sockets: what several of them ask is asked once, and what is asked about many things
 * of a vhost is one listing. Its answers grow old, so the next look takes another one.
 */
export class ListedManagement implements Management {
  readonly #api: Management
  readonly #exchanges: Listed<Exchange>
  readonly #bindings: Listed<readonly Binding[]>
  readonly #queues: Listed<QueueState>

  constructor(api: Management) {
    this.#api = api
    this.#exchanges = new Listed({
      one: (vhost, name) => api.exchange(vhost, name),
      all: async (vhost) => byName(await api.exchanges(vhost)),
    })
    this.#bindings = new Listed({
      one: (vhost, exchange) => api.bindingsFrom(vhost, exchange),
      all: async (vhost) => Map.groupBy(await api.bindings(vhost), ({ source }) => source),
    })
    this.#queues = new Listed({
      one: async (vhost, name) => (await api.queues(vhost, [name])).get(name),
      all: async (vhost) => byName(await api.allQueues(vhost)),
    })
  }

  get host(): string {
    return this.#api.host
  }

  async cluster(): Promise<string | undefined> {
    return await this.#api.cluster()
  }

  async exchange(vhost: string, name: string): Promise<Exchange | undefined> {
    return await this.#exchanges.get(vhost, name)
  }

  async exchanges(vhost: string): Promise<readonly Exchange[]> {
    return [...(await this.#exchanges.all(vhost)).values()]
  }

  async bindingsFrom(vhost: string, exchange: string): Promise<readonly Binding[]> {
    return (await this.#bindings.get(vhost, exchange)) ?? []
  }

  async bindings(vhost: string): Promise<readonly Binding[]> {
    return [...(await this.#bindings.all(vhost)).values()].flat()
  }

  async queues(vhost: string, names: readonly string[]): Promise<ReadonlyMap<string, QueueState>> {
    if (names.length > askedSingly) await this.#queues.all(vhost)
    const states = await Promise.all(names.map((name) => this.#queues.get(vhost, name)))
    return byName(states.filter((state) => state !== undefined))
  }

  async allQueues(vhost: string): Promise<readonly QueueState[]> {
    return [...(await this.#queues.all(vhost)).values()]
  }

  async vhostsWith(...asked: Parameters<Management['vhostsWith']>): Promise<readonly string[]> {
    return await this.#api.vhostsWith(...asked)
  }

  async names(...asked: Parameters<Management['names']>): Promise<readonly string[]> {
    return await this.#api.names(...asked)
  }

  async connections(...vhost: Parameters<Management['connections']>): ReturnType<Management['connections']> {
    return await this.#api.connections(...vhost)
  }
}

interface Ways<T> {
  readonly one: (vhost: string, name: string) => Promise<T | undefined>
  readonly all: (vhost: string) => Promise<ReadonlyMap<string, T>>
}

/** Things of one kind by vhost and name. */
class Listed<T> {
  readonly #singly = new Map<string, Map<string, Promise<T | undefined>>>()
  readonly #ways: Ways<T>
  readonly all: Ways<T>['all']
  readonly #listed = new Set<string>()

  constructor(ways: Ways<T>) {
    this.#ways = ways
    const list = remember(ways.all)
    this.all = async (vhost) => {
      this.#listed.add(vhost)
      return await list(vhost)
    }
  }

  async get(vhost: string, name: string): Promise<T | undefined> {
    const asked = this.#singly.get(vhost) ?? new Map<string, Promise<T | undefined>>()
    this.#singly.set(vhost, asked)
    const known = asked.get(name)
    if (known) return await known
    if (asked.size >= askedSingly || this.#listed.has(vhost)) return (await this.all(vhost)).get(name)
    const answer = this.#ways.one(vhost, name)
    asked.set(name, answer)
    return await answer
  }
}

function byName<T extends { readonly name: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((thing) => [thing.name, thing]))
}
