import { isReplicated, type QueueState } from '#lib/domain/routing/queue-state.ts'
import type { Binding, Exchange } from '#lib/domain/routing/route.ts'
import { EviError } from '#lib/errors.ts'
import { ExchangeReader } from './exchange-reader.ts'
import { listOf } from './json-values.ts'
import type { ClientConnection, GuessedManagement, ManagementLogin, NamedKind } from './management.ts'
import { ManagementClient, type ManagementLimits } from './management-client.ts'
import { deadLetterExchangeOf, isQueue, liveParts, type QueueRecord, toQueueState } from './queue-record.ts'
import {
  type BindingRecord,
  isBinding,
  isChannel,
  isCluster,
  isConnection,
  isExchange,
  isNode,
  isPage,
} from './responses.ts'

/** Queues that are asked about one by one; more come by one listing of the vhost. */
const askedSingly = 20
/** What evi needs of a queue; all of it is ten times as long. */
const queueColumns =
  'columns=name,type,state,node,members,online,messages,messages_ready,message_bytes_ready,consumers,arguments,effective_policy_definition'

/** The same without statistics, which have a member online whose process is gone (RabbitMQ 3.10 to 4.3). */
const liveColumns = 'disable_stats=true&enable_queue_totals=true&columns=name,state,online'

/** The most that RabbitMQ puts on a page. */
const onePage = 'page=1&page_size=500'

const bindingColumns = 'columns=source,destination,destination_type,routing_key,arguments'

/** What evi asks RabbitMQ's management API. */
export class ManagementApi implements GuessedManagement {
  readonly #client: ManagementClient
  #stoppedNodes: Promise<readonly string[] | undefined> | undefined
  readonly #reader: ExchangeReader

  constructor(login: ManagementLogin, limits: ManagementLimits) {
    this.#client = new ManagementClient(login, limits)
    this.#reader = new ExchangeReader(this.#client)
  }

  get host(): string {
    return this.#client.host
  }

  async isThere(limit: number): Promise<boolean> {
    return await this.#client.isThere(limit)
  }

  async cluster(): Promise<string | undefined> {
    return (await this.#client.get(isCluster, ['cluster-name']))?.name
  }

  async exchange(vhost: string, name: string): Promise<Exchange | undefined> {
    const found = await this.#client.get(isExchange, ['exchanges', vhost, name])
    return found && (await this.#reader.read(found, vhost))
  }

  async exchanges(vhost: string): Promise<readonly Exchange[]> {
    const all = (await this.#client.get(listOf(isExchange), ['exchanges', vhost])) ?? []
    const named = all.filter(({ name }) => name !== '')
    return await Promise.all(named.map((record) => this.#reader.read(record, vhost)))
  }

  async bindingsFrom(vhost: string, exchange: string): Promise<readonly Binding[]> {
    const path = ['exchanges', vhost, exchange, 'bindings', 'source']
    return bindingsIn(await this.#client.get(listOf(isBinding), path))
  }

  async bindings(vhost: string): Promise<readonly Binding[]> {
    return bindingsIn(await this.#client.get(listOf(isBinding), ['bindings', vhost], bindingColumns))
  }

  async allQueues(vhost: string): Promise<readonly QueueState[]> {
    const path = ['queues', vhost]
    const records = (await this.#client.get(listOf(isQueue), path, queueColumns)) ?? []
    const live = records.some(isReplicated)
      ? await this.#client.get(listOf(isQueue), path, liveColumns)
      : undefined
    const byName = new Map(live?.map((record) => [record.name, liveParts(record)]))
    const current = records.map((record) => ({ ...record, ...byName.get(record.name) }))
    return await this.#toStates(vhost, current)
  }

  async queues(vhost: string, names: readonly string[]): Promise<ReadonlyMap<string, QueueState>> {
    const wanted = new Set(names)
    const states =
      names.length > askedSingly
        ? (await this.allQueues(vhost)).filter(({ name }) => wanted.has(name))
        : await this.#eachQueue(vhost, names)
    return new Map(states.map((state) => [state.name, state]))
  }

  async #eachQueue(vhost: string, names: readonly string[]): Promise<readonly QueueState[]> {
    const ask = async (name: string) => {
      const path = ['queues', vhost, name]
      const record = await this.#client.get(isQueue, path, queueColumns)
      if (!record || !isReplicated(record)) return record
      const live = await this.#client.get(isQueue, path, liveColumns)
      return { ...record, ...(live && liveParts(live)) }
    }
    const records = await Promise.all(names.map(ask))
    return await this.#toStates(
      vhost,
      records.filter((record) => record !== undefined),
    )
  }

  async vhostsWith(kind: NamedKind, name: string): Promise<readonly string[]> {
    const query = `${onePage}&columns=name,vhost&use_regex=false&name=${encodeURIComponent(name)}`
    const page = await this.#client.get(isPage, [kind], query)
    return page?.items.flatMap((item) => (item.name === name ? (item.vhost ?? []) : [])) ?? []
  }

  async names(kind: NamedKind, vhost: string): Promise<readonly string[]> {
    const page = await this.#client.get(isPage, [kind, vhost], `${onePage}&columns=name`)
    return page?.items.map(({ name }) => name).filter(Boolean) ?? []
  }

  async connections(vhost: string): Promise<readonly ClientConnection[]> {
    const [connections = [], channels = []] = await Promise.all([
      this.#client.get(
        listOf(isConnection),
        ['connections'],
        'columns=name,state,user,vhost,client_properties',
      ),
      this.#client.get(listOf(isChannel), ['channels'], 'columns=state,connection_details'),
    ])
    const closing = channels.filter(({ state }) => state === 'closing')
    const names = new Set(closing.map(({ connection_details: connection }) => connection?.name))
    return connections
      .filter((connection) => connection.vhost === vhost)
      .map(({ name, state, user, client_properties: client }) => ({
        name,
        isClosed: state === 'closing' || state === 'closed',
        user,
        product: typeof client?.product === 'string' ? client.product : '',
        hasClosingChannel: names.has(name),
      }))
  }

  /** Undefined where the user may not see nodes, which takes the tag `monitoring`. */
  async #nodesStopped(): Promise<readonly string[] | undefined> {
    this.#stoppedNodes ??= this.#client.get(listOf(isNode), ['nodes'], 'columns=name,running').then(
      (nodes) => (nodes ?? []).filter(({ running }) => !running).map(({ name }) => name),
      (error) => {
        if (error instanceof EviError && error.code === 'refused') return undefined
        throw error
      },
    )
    return await this.#stoppedNodes
  }

  async #toStates(vhost: string, records: readonly QueueRecord[]): Promise<readonly QueueState[]> {
    const [stoppedNodes, missingExchanges] = await Promise.all([
      this.#nodesStopped(),
      this.#missing(vhost, new Set(records.flatMap((record) => deadLetterExchangeOf(record) || []))),
    ])
    return records.map((record) => toQueueState(record, { stoppedNodes, missingExchanges }))
  }

  /** Those of the exchanges that are not there. */
  async #missing(vhost: string, names: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const path = ['exchanges', vhost]
    const there =
      names.size > askedSingly
        ? await this.#client.get(listOf(isExchange), path)
        : await Promise.all([...names].map((name) => this.#client.get(isExchange, [...path, name])))
    const known = new Set(there?.map((exchange) => exchange?.name))
    return new Set([...names].filter((name) => !known.has(name)))
  }
}

function bindingsIn(records: readonly BindingRecord[] = []): readonly Binding[] {
  return records.map((record) => ({
    source: record.source,
    destination: { kind: record.destination_type, name: record.destination },
    routingKey: record.routing_key,
    arguments: Object.fromEntries(
      // The API writes AMQP's void, which any value matches, as a text.
      Object.entries(record.arguments).map(([name, value]) => [name, value === 'undefined' ? null : value]),
    ),
  }))
}
