import { rmSync } from 'node:fs'
import { basename } from 'node:path'
import { EviError } from '#lib/errors.ts'
import { makeTools, pathWith } from './command-environment.ts'
import { makeDirectory } from './directory.ts'
import { findServer, findServerAt, serverDirectories } from './find-server.ts'
import { freePorts } from './free-ports.ts'
import { markOwner, sweepLeftovers } from './leftovers.ts'
import { killMembers, memberVariable } from './members.ts'
import { type Home, type Layout, layOutHome, layOutNode, loopback, type NodeOptions } from './node-files.ts'
import { didNotStart, endedByItself, managementUrl, rabbitmqctl, startNode } from './rabbitmq-node.ts'
import { type Supervisor, superviseHome } from './supervisor.ts'

/** A private RabbitMQ on the loopback address; guest may do everything. */
export interface Sandbox {
  /** For `evi subscribe`, with the password. */
  readonly socket: string
  readonly host: string
  readonly port: number
  /** Null without the management plugin. */
  readonly managementUrl: string | null
  /** The directory of RabbitMQ's tools for this sandbox. */
  readonly tools: string
  readonly version: string
  /** For a command that is to end with the sandbox even where evi is killed (on Linux). */
  readonly commandEnvironment: Readonly<Record<string, string>>
  /** Fulfilled when the broker is gone, for whatever reason. */
  readonly ended: Promise<void>
  /** Why it ended, when `stop` was not called. */
  failure(): EviError
  /** Runs `rabbitmqctl` against it and returns what that printed. */
  rabbitmqctl(...argv: string[]): Promise<string>
  /** Kills the processes that have `commandEnvironment`. */
  killCommand(): void
  /** Ends it and removes every trace: processes, ports, directory. */
  stop(): Promise<void>
}

export interface SandboxOptions extends NodeOptions {
  /** Start the management plugin, too. */
  readonly management?: boolean
  /** Gives up starting. */
  readonly signal?: AbortSignal
  /** The directory of a RabbitMQ; EVI_RABBITMQ_HOME when undefined. */
  readonly home?: string | undefined
  /** Where to look for RabbitMQ without `home`; PATH and the usual places when undefined. */
  readonly directories?: readonly string[]
}

const attempts = 3

/**
 * Starts the machine's own RabbitMQ as the current user, in a temporary directory and on free ports.
 *
 * @throws EviError `unreachable` when there is none or it does not come up, `cannot-write` when its directory cannot
 * serve, `interrupted` when the signal came first
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const bin = locate(options)
  sweepLeftovers()
  for (let attempt = 1; ; attempt++) {
    const { home, layout } = await layOut(bin, options)
    const homeSupervisor = superviseHome(home)
    const { supervisor, version } = await startNode(layout, home, {
      home: homeSupervisor,
      signal: options.signal,
    })
    const output = () => supervisor.output() + homeSupervisor.output()
    const ended = endOf(home, supervisor, homeSupervisor)
    const stop = async () => {
      await supervisor.release()
      await ended
    }
    if (version !== undefined) {
      return { ...describe(layout, home), version, ended, failure: () => endedByItself(output()), stop }
    }
    await stop()
    if (options.signal?.aborted) throw new EviError('interrupted', 'Interrupted while RabbitMQ was starting.')
    // Another process can take a port between its choice and its use.
    if (attempt === attempts || !/eaddrinuse|in use/i.test(output())) throw didNotStart(output())
  }
}

function locate({ directories, home = process.env.EVI_RABBITMQ_HOME }: SandboxOptions): string {
  if (directories !== undefined) return findServer(directories)
  return home ? findServerAt(home) : findServer(serverDirectories(process.env.PATH))
}

/** Makes the sandbox's files, with free ports in them. */
async function layOut(bin: string, options: SandboxOptions): Promise<{ home: Home; layout: Layout }> {
  const [epmd = 0, amqp = 0, distribution = 0, spare = 0] = await freePorts(4)
  const ports = { amqp, distribution, management: options.management ? spare : null }
  return makeDirectory((directory) => {
    markOwner(directory)
    const home = layOutHome(directory, bin, epmd)
    return { home, layout: layOutNode(home, ports, options) }
  })
}

/** Waits until one of the two parts ends, ends the other, and removes the directory: a supervisor that is killed leaves it. */
async function endOf({ directory }: Home, node: Supervisor, home: Supervisor): Promise<void> {
  await Promise.race([node.ended, home.ended])
  await node.release()
  await home.release()
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
}

function describe(
  layout: Layout,
  { directory }: Home,
): Omit<Sandbox, 'version' | 'ended' | 'failure' | 'stop'> {
  const { amqp } = layout.ports
  const command = `${basename(directory)}.command`
  const tools = makeTools(layout)
  return {
    socket: `rabbitmq:guest:guest@${loopback}:${amqp}/evi`,
    host: loopback,
    port: amqp,
    managementUrl: managementUrl(layout.ports),
    tools,
    commandEnvironment: { [memberVariable]: command, PATH: pathWith(tools) },
    killCommand: () => killMembers(command),
    rabbitmqctl: (...argv) => rabbitmqctl(layout, argv),
  }
}
