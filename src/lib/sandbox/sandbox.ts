import { rmSync } from 'node:fs'
import { EviError } from '#lib/errors.ts'
import { findServer, serverDirectories } from './find-server.ts'
import { freePorts } from './free-ports.ts'
import { type Layout, layOutHome, layOutNode, loopback, type NodeOptions } from './node-files.ts'
import { didNotStart, lastWords, managementUrl, rabbitmqctl, startNode } from './rabbitmq-node.ts'
import { keepHome } from './supervisor.ts'

/** A private RabbitMQ on the loopback address; guest may do everything. */
export interface Sandbox {
  /** For `evi subscribe`, with the password. */
  readonly socket: string
  readonly host: string
  readonly port: number
  /** Null without the management plugin. */
  readonly managementUrl: string | null
  readonly version: string
  /** Fulfilled when the broker is gone, for whatever reason. */
  readonly ended: Promise<void>
  /** What the broker had to say last, for a person. */
  lastWords(): string
  /** Runs `rabbitmqctl` against it and returns what that printed. */
  rabbitmqctl(...words: string[]): Promise<string>
  /** Ends it and removes every trace: processes, ports, directory. */
  stop(): Promise<void>
}

export interface SandboxOptions extends NodeOptions {
  /** Start the management plugin, too. */
  readonly management?: boolean
  /** Gives up starting. */
  readonly signal?: AbortSignal
  /** Where to look for RabbitMQ; PATH and the usual places unless given. */
  readonly directories?: readonly string[]
}

const attempts = 3

/**
 * Starts the machine's own RabbitMQ as the current user, in a temporary directory and on free ports.
 *
 * Throws `unreachable` when there is none or it does not come up, `interrupted` when the signal came first.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const bin = findServer(options.directories ?? serverDirectories(process.env.PATH))
  for (let attempt = 1; ; attempt++) {
    const [epmd = 0, amqp = 0, distribution = 0, spare = 0] = await freePorts(4)
    const layoutOfHome = layOutHome(bin, epmd)
    const ports = { amqp, distribution, management: options.management ? spare : null }
    const layout = layOutNode(layoutOfHome, ports, options)
    const home = keepHome(layoutOfHome)
    const { keeper, version } = await startNode(layout, home, options.signal)
    const ended = keeper.ended.then(async () => {
      await home.release()
      // Its keeper does so, unless a Ctrl-C came before it was out of the terminal's reach.
      rmSync(layoutOfHome.directory, { recursive: true, force: true })
    })
    const stop = async () => {
      await keeper.release()
      await ended
    }
    if (version !== undefined) {
      return { ...describe(layout), version, ended, lastWords: () => lastWords(keeper), stop }
    }
    await stop()
    if (options.signal?.aborted) throw new EviError('interrupted', 'Interrupted while RabbitMQ was starting.')
    // Between being found free and being used, a port can be taken by somebody else.
    const said = home.output() + keeper.output()
    if (attempt === attempts || !/eaddrinuse|in use/i.test(said)) throw didNotStart(keeper)
  }
}

function describe(layout: Layout): Omit<Sandbox, 'version' | 'ended' | 'lastWords' | 'stop'> {
  const { amqp } = layout.ports
  return {
    socket: `rabbitmq:guest:guest@${loopback}:${amqp}/evi`,
    host: loopback,
    port: amqp,
    managementUrl: managementUrl(layout.ports),
    rabbitmqctl: (...words) => rabbitmqctl(layout, words),
  }
}
