import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import pLimit from 'p-limit'
import { type Sandbox, startSandbox } from '#lib/sandbox/sandbox.ts'
import { ErlCall } from './erl-call.ts'

/** What a process needs of a broker that runs in another one. */
export type LentBroker = Pick<Sandbox, 'host' | 'managementUrl' | 'port' | 'socket' | 'tools' | 'version'>

/** What is lent, or why nothing is. */
export type Loan = { readonly broker: LentBroker } | { readonly failure: string }

/** One for each file that runs at a time, and one more, as a broker takes seconds to come back. */
const most = 4

/**
 * Lends brokers with a management API to the test files of a run, each to one file at a time. What comes back is reset,
 * which takes a fifth of the CPU of a start. Each connection gets a `Loan`, until it ends.
 */
export class BrokerPool {
  readonly #erlCall: string
  readonly #server = createServer((borrower) => void this.#limit(() => this.#lend(borrower)))
  readonly #limit = pLimit(most)
  readonly #free: Sandbox[] = []
  readonly #all = new Set<Sandbox>()
  readonly #end = new AbortController()

  /** @param erlCall as of `findErlCall`; without it each broker is lent once */
  constructor(erlCall: string) {
    this.#erlCall = erlCall
  }

  /** Returns the port to connect to. */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#end.abort()
    this.#server.close()
    await Promise.all([...this.#all].map((broker) => broker.stop()))
  }

  async #lend(borrower: Socket): Promise<void> {
    const gone = once(borrower.on('error', () => {}).resume(), 'close')
    try {
      const broker = this.#free.pop() ?? (await this.#start())
      const { host, managementUrl, port, socket, tools, version } = broker
      write(borrower, { broker: { host, managementUrl, port, socket, tools, version } })
      await gone
      await this.#putBack(broker)
    } catch (error) {
      write(borrower, { failure: String(error) })
    }
  }

  async #start(): Promise<Sandbox> {
    const broker = await startSandbox({ management: true, signal: this.#end.signal })
    this.#all.add(broker)
    if (this.#erlCall !== '') await this.#evaluate(broker, keep)
    return broker
  }

  async #putBack(broker: Sandbox): Promise<void> {
    try {
      await this.#evaluate(broker, reset(broker))
      this.#free.push(broker)
    } catch {
      this.#all.delete(broker)
      await broker.stop()
    }
  }

  async #evaluate(broker: Sandbox, expression: string): Promise<void> {
    await new ErlCall(this.#erlCall, broker).evaluate(`begin ${expression}, "" end`)
  }
}

function write(borrower: Socket, loan: Loan): void {
  borrower.write(`${JSON.stringify(loan)}\n`)
}

/** Remembers the broker's settings, some of which tests change. */
const keep = 'persistent_term:put(evi_settings, application:get_all_env(rabbit))'

/** Removes all data and settings, with RabbitMQ stopped within its Erlang. */
function reset({ version }: Pick<Sandbox, 'version'>): string {
  const data = version.startsWith('3.') ? 'rabbit_mnesia' : 'rabbit_db'
  return `ok = rabbit:stop(), ok = ${data}:reset(),
    [application:unset_env(rabbit, Key) || {Key, _} <- application:get_all_env(rabbit)],
    [application:set_env(rabbit, Key, Value) || {Key, Value} <- persistent_term:get(evi_settings)],
    ok = rabbit:start()`
}
