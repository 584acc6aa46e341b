import { findServer, serverDirectories } from '#lib/sandbox/find-server.ts'
import { freePorts } from '#lib/sandbox/free-ports.ts'
import { type Layout, layOutHome, layOutNode, loopback, type NodeOptions } from '#lib/sandbox/node-files.ts'
import { didNotStart, rabbitmqctl, startNode } from '#lib/sandbox/rabbitmq-node.ts'
import { type HomeKeeper, type Keeper, keepHome } from '#lib/sandbox/supervisor.ts'

/** RabbitMQ nodes that can go and come back. */
export interface Cluster<Nodes extends readonly ClusterNode[]> {
  readonly nodes: Nodes
  /** Starts the nodes that are gone. */
  mend(): Promise<void>
  /** Ends all nodes and removes every trace, as the end of the test process does, however it comes. */
  stop(): Promise<void>
}

/** Starts three nodes as one cluster. */
export async function startCluster({
  config = [],
  plugins,
}: NodeOptions = {}): Promise<Cluster<readonly [ClusterNode, ClusterNode, ClusterNode]>> {
  const { home, makeNode } = await makeHome(3)
  const first = makeNode({ config, plugins })
  const other = () => makeNode({ config: [...toJoin(first), ...config], plugins })
  return await startNodes(home, [first, other(), other()])
}

/** Starts a node alone: a broker to restart. */
export async function startBroker(options: NodeOptions = {}): Promise<Cluster<readonly [ClusterNode]>> {
  const { home, makeNode } = await makeHome(1)
  return await startNodes(home, [makeNode(options)])
}

/** A RabbitMQ that keeps its ports and its data when it goes and comes back. */
export class ClusterNode {
  /** Erlang's name of it. */
  readonly name: string
  readonly port: number
  /** As it stands in a socket. */
  readonly address: string
  readonly #layout: Layout
  readonly #home: HomeKeeper
  #keeper: Keeper | undefined

  constructor(layout: Layout, home: HomeKeeper) {
    this.name = layout.name
    this.port = layout.ports.amqp
    this.address = `${loopback}:${this.port}`
    this.#layout = layout
    this.#home = home
  }

  /** The first time, or again; does nothing while it runs. */
  async start(): Promise<void> {
    if (this.#keeper) return
    const { keeper, version } = await startNode(this.#layout, this.#home)
    if (version === undefined) {
      await keeper.release()
      throw didNotStart(keeper)
    }
    this.#keeper = keeper
    keeper.ended.then(() => {
      this.#keeper = undefined
    })
  }

  /** `kill -9`, as by a crash; returns when it is gone. */
  async kill(): Promise<void> {
    await this.#keeper?.release()
  }

  /** In order, as by an administrator; returns when it is gone. */
  async stop(): Promise<void> {
    await this.rabbitmqctl('stop')
    await this.#keeper?.ended
  }

  async rabbitmqctl(...words: string[]): Promise<string> {
    return await rabbitmqctl(this.#layout, words)
  }
}

interface Rig {
  readonly home: HomeKeeper
  readonly makeNode: (options: NodeOptions) => ClusterNode
}

/** What the nodes share, with ports for so many of them. */
async function makeHome(size: number): Promise<Rig> {
  const [epmd = 0, ...ports] = await freePorts(1 + 2 * size)
  const layout = layOutHome(findServer(serverDirectories(process.env.PATH)), epmd)
  const home = keepHome(layout)
  const makeNode = (options: NodeOptions) => {
    const [amqp = 0, distribution = 0] = ports.splice(0, 2)
    return new ClusterNode(layOutNode(layout, { amqp, distribution, management: null }, options), home)
  }
  return { home, makeNode }
}

/** The others wait for the first node and join it, so that there is one cluster whoever is up first. */
function toJoin(first: ClusterNode): string[] {
  return [
    'cluster_formation.peer_discovery_backend = classic_config',
    `cluster_formation.classic_config.nodes.1 = ${first.name}`,
    'cluster_formation.discovery_retry_limit = 120',
  ]
}

async function startNodes<Nodes extends readonly ClusterNode[]>(
  home: HomeKeeper,
  nodes: Nodes,
): Promise<Cluster<Nodes>> {
  const mend = async () => {
    await Promise.all(nodes.map((node) => node.start()))
  }
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    await home.release()
  }
  // One by one, as two that join at once can trip over a feature flag that the other is enabling.
  try {
    for (const node of nodes) await node.start()
  } catch (error) {
    await stop()
    throw error
  }
  return { nodes, mend, stop }
}
