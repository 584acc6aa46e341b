import { makeDirectory } from '#lib/sandbox/directory.ts'
import { findServer, serverDirectories } from '#lib/sandbox/find-server.ts'
import { freePorts } from '#lib/sandbox/free-ports.ts'
import {
  type Home,
  type Layout,
  layOutHome,
  layOutNode,
  loopback,
  type NodeOptions,
} from '#lib/sandbox/node-files.ts'
import { didNotStart, rabbitmqctl, startNode } from '#lib/sandbox/rabbitmq-node.ts'
import { type Supervisor, superviseHome } from '#lib/sandbox/supervisor.ts'

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
  readonly #home: RunningHome
  #supervisor: Supervisor | undefined

  constructor(layout: Layout, home: RunningHome) {
    this.name = layout.name
    this.port = layout.ports.amqp
    this.address = `${loopback}:${this.port}`
    this.#layout = layout
    this.#home = home
  }

  /** The first time, or again; does nothing while it runs. */
  async start(): Promise<void> {
    if (this.#supervisor) return
    const { files, supervisor: home } = this.#home
    const { supervisor, version } = await startNode(this.#layout, files, { home })
    if (version === undefined) {
      await supervisor.release()
      throw didNotStart(supervisor.output())
    }
    this.#supervisor = supervisor
    supervisor.ended.then(() => {
      this.#supervisor = undefined
    })
  }

  /** `kill -9`, as by a crash; returns when it is gone. */
  async kill(): Promise<void> {
    await this.#supervisor?.release()
  }

  /** In order, as by an administrator; returns when it is gone. */
  async stop(): Promise<void> {
    await this.rabbitmqctl('stop')
    await this.#supervisor?.ended
  }

  async rabbitmqctl(...words: string[]): Promise<string> {
    return await rabbitmqctl(this.#layout, words)
  }
}

/** What the nodes share. */
interface RunningHome {
  readonly files: Home
  readonly supervisor: Supervisor
}

interface Rig {
  readonly home: RunningHome
  readonly makeNode: (options: NodeOptions) => ClusterNode
}

/** What the nodes share, with ports for so many of them. */
async function makeHome(size: number): Promise<Rig> {
  const [epmd = 0, ...ports] = await freePorts(1 + 2 * size)
  const bin = findServer(serverDirectories(process.env.PATH))
  const files = makeDirectory((directory) => layOutHome(directory, bin, epmd))
  const home = { files, supervisor: superviseHome(files) }
  const makeNode = (options: NodeOptions) => {
    const [amqp = 0, distribution = 0] = ports.splice(0, 2)
    return new ClusterNode(layOutNode(files, { amqp, distribution, management: null }, options), home)
  }
  return { home, makeNode }
}

/** The others wait for the first node and join it, so that there is one cluster, in any order of start. */
function toJoin(first: ClusterNode): string[] {
  return [
    'cluster_formation.peer_discovery_backend = classic_config',
    `cluster_formation.classic_config.nodes.1 = ${first.name}`,
    'cluster_formation.discovery_retry_limit = 120',
  ]
}

async function startNodes<Nodes extends readonly ClusterNode[]>(
  home: RunningHome,
  nodes: Nodes,
): Promise<Cluster<Nodes>> {
  const mend = async () => {
    await Promise.all(nodes.map((node) => node.start()))
  }
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    await home.supervisor.release()
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
