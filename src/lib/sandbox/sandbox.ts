import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EviError } from '../errors.ts'
import { findServer, serverDirectories } from './find-server.ts'
import { freePorts } from './free-ports.ts'
import { type Keeper, keepBroker } from './keeper.ts'
import { layOut, loopback, type Ports } from './layout.ts'
import { ask, brokerVersion, managementAnswer } from './readiness.ts'

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

export interface SandboxOptions {
  /** Start the management plugin, too. */
  readonly management?: boolean
  /** More lines for rabbitmq.conf. */
  readonly config?: readonly string[]
  /** Gives up starting. */
  readonly signal?: AbortSignal
  /** Where to look for RabbitMQ; PATH and the usual places unless given. */
  readonly directories?: readonly string[]
}

/** Milliseconds. A start takes 4 to 5 s on two cores. */
const patience = 60_000
const attempts = 3
const logPrefix = /^[\d-]+ \S+ \[\w+\] <[\d.]+> ?/

/**
 * Starts the machine's own RabbitMQ as the current user, in a temporary directory and on free ports.
 *
 * Throws `unreachable` when there is none or it does not come up, `interrupted` when the signal came first.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const bin = findServer(options.directories ?? serverDirectories(process.env.PATH))
  for (let attempt = 1; ; attempt++) {
    const [amqp = 0, distribution = 0, epmd = 0, spare = 0] = await freePorts(4)
    const ports = { amqp, distribution, epmd, management: options.management ? spare : null }
    const { environment, directory } = layOut(bin, ports, options.config ?? [])
    const keeper = keepBroker(join(bin, 'rabbitmq-server'), { environment, directory })
    const version = await waitUntilReady(keeper, ports, options.signal)
    if (version !== undefined) return { ...describe(ports, keeper), version, rabbitmqctl }
    await keeper.release()
    if (options.signal?.aborted) throw new EviError('interrupted', 'Interrupted while RabbitMQ was starting.')
    // Between being found free and being used, a port can be taken by somebody else.
    if (attempt === attempts || !/eaddrinuse|in use/i.test(keeper.output())) throw didNotStart(keeper)

    async function rabbitmqctl(...words: string[]): Promise<string> {
      const { stdout } = await promisify(execFile)(join(bin, 'rabbitmqctl'), words, { env: environment })
      return stdout
    }
  }
}

function describe(ports: Ports, keeper: Keeper): Omit<Sandbox, 'version' | 'rabbitmqctl'> {
  return {
    socket: `rabbitmq:guest:guest@${loopback}:${ports.amqp}/evi`,
    host: loopback,
    port: ports.amqp,
    managementUrl: managementUrl(ports),
    ended: keeper.ended,
    lastWords: () => lastWords(keeper),
    stop: () => keeper.release(),
  }
}

/** The broker's version, or undefined when it was not to be had. */
async function waitUntilReady(
  keeper: Keeper,
  ports: Ports,
  given?: AbortSignal,
): Promise<string | undefined> {
  const gone = new AbortController()
  keeper.ended.then(() => gone.abort())
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(patience), ...(given ? [given] : [])])
  const version = await ask(() => brokerVersion(ports.amqp), signal)
  const url = managementUrl(ports)
  return url === null || (await ask(() => managementAnswer(url), signal)) ? version : undefined
}

function managementUrl({ management }: Ports): string | null {
  return management === null ? null : `http://${loopback}:${management}`
}

function didNotStart(keeper: Keeper): EviError {
  return new EviError('unreachable', `RabbitMQ did not start. It said:\n${lastWords(keeper)}`, {
    hint: 'The machine needs about 200 MB of free memory and 100 MB in its directory for temporary files.',
  })
}

/** The first error and what follows it, for Erlang then goes on for pages; the last lines when there is none. */
function lastWords(keeper: Keeper): string {
  const lines = keeper
    .output()
    .split('\n')
    .filter((line) => line.replace(logPrefix, '').trim() !== '')
  const failure = lines.findIndex((line) => line.includes('[error]'))
  const shown = failure < 0 ? lines.slice(-8) : lines.slice(failure, failure + 8)
  return shown.map((line) => `  ${line.replace(logPrefix, '').trimEnd()}`).join('\n')
}
