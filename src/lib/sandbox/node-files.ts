import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { diskFreeLimit } from './directory.ts'

export const loopback = '127.0.0.1'

/** What the nodes of a cluster share: a directory with the Erlang cookie, and an epmd by which they find each other. */
export interface Home {
  /** Where RabbitMQ's own programs are. */
  readonly bin: string
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
}

/** Each service of a node has a port of its own. */
export interface Ports {
  readonly amqp: number
  readonly distribution: number
  readonly management: number | null
}

/** A directory with all that one RabbitMQ reads and writes, and the variables that keep it inside. */
export interface Layout extends Home {
  /** Erlang's name of the node. */
  readonly name: string
  readonly ports: Ports
}

export interface NodeOptions {
  /** Lines for rabbitmq.conf, after the sandbox's own. */
  readonly config?: readonly string[] | undefined
  /** Plugins to start, besides management where it has a port. */
  readonly plugins?: readonly string[] | undefined
}

/** Fills the directory of a sandbox, or of several that form a cluster. */
export function layOutHome(directory: string, bin: string, epmdPort: number): Home {
  // Nodes that start at once would each make one.
  writeFileSync(join(directory, '.erlang.cookie'), randomUUID(), { mode: 0o400 })
  return {
    bin,
    directory,
    environment: {
      PATH: [bin, process.env.PATH, '/usr/bin', '/bin'].filter(Boolean).join(delimiter),
      LANG: 'C.UTF-8',
      HOME: directory,
      ERL_EPMD_ADDRESS: loopback,
      ERL_EPMD_PORT: String(epmdPort),
      // An epmd started by Erlang is a daemon that outlives the sandbox.
      ERL_AFLAGS: '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
      ERL_CRASH_DUMP_SECONDS: '0',
      // The server's script then becomes the Erlang VM, so that killing the one kills the other.
      RABBITMQ_ALLOW_INPUT: '1',
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-noinput',
      // Any free port, as many rabbitmqctl may run at once.
      RABBITMQ_CTL_DIST_PORT_MIN: '0',
      RABBITMQ_CTL_DIST_PORT_MAX: '0',
    },
  }
}

/** Makes a node's own directory within the home. */
export function layOutNode(home: Home, ports: Ports, { config = [], plugins = [] }: NodeOptions): Layout {
  const directory = join(home.directory, String(ports.amqp))
  const inside = (name: string) => join(directory, name)
  mkdirSync(inside('log'), { recursive: true })
  const allPlugins = [...(ports.management === null ? [] : ['rabbitmq_management']), ...plugins]
  writeFileSync(inside('enabled_plugins'), `[${allPlugins.join()}].\n`)
  writeFileSync(inside('rabbitmq.conf'), [...ownConfig(ports), ...config, ''].join('\n'))
  const name = `evi-sandbox-${ports.amqp}@localhost`
  return {
    bin: home.bin,
    directory,
    name,
    ports,
    environment: {
      ...home.environment,
      RABBITMQ_NODENAME: name,
      RABBITMQ_DIST_PORT: String(ports.distribution),
      // A shell runs this file, and the machine's own is not meant for the sandbox.
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_CONFIG_FILE: inside('rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: inside('enabled_plugins'),
      RABBITMQ_LOG_BASE: inside('log'),
      RABBITMQ_MNESIA_BASE: inside('data'),
    },
  }
}

function ownConfig({ amqp, management }: Ports): string[] {
  const lines = [
    `listeners.tcp.1 = ${loopback}:${amqp}`,
    'log.file = false',
    'log.console = true',
    'log.console.level = warning',
    // RabbitMQ's own limit of 50 MB would block publishers on a small disk.
    `disk_free_limit.absolute = ${diskFreeLimit}`,
  ]
  if (management === null) return lines
  return [...lines, `management.tcp.ip = ${loopback}`, `management.tcp.port = ${management}`]
}
