import type { Observe } from '#lib/broker/connect/dial.ts'
import { inTurn } from '#lib/broker/connect/host-turns.ts'
import { type ConnectRequest, type Credentials, type Reached, reach } from '#lib/broker/connect/reach.ts'
import { registerSecret } from '#lib/broker/errors/reply-text.ts'
import { type PasswordSources, passwordOf } from '#lib/domain/socket/resolve-password.ts'
import type { Socket } from '#lib/domain/socket/socket.ts'
import type { TlsDomain } from '#lib/domain/socket/tls-domain.ts'
import { EviError } from '#lib/errors.ts'
import { shellWord } from '#lib/text/shell-word.ts'
import type { Broker, BrokerConnection, Timing } from './broker.ts'

/** Where the passwords and TLS domains that sockets name are looked up, when they are needed. */
export interface Secrets {
  readonly passwords: PasswordSources
  readonly tlsDomains: () => Promise<readonly TlsDomain[]>
}

/** RabbitMQ through amqplib. */
export class AmqpBroker implements Broker {
  readonly #secrets: Secrets

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  async connect(socket: Socket, timing: Timing, observe = ignore): Promise<BrokerConnection> {
    const credentials = await this.#credentialsFor(socket, observe)
    return await firstThatAnswers({ socket, credentials, timing, observe }, async (reached, request) => {
      // Loaded while the broker answers.
      const { openConnection } = await import('./amqp-connection.ts')
      return await openConnection(reached, request)
    })
  }

  async reach(socket: Socket, timing: Timing, observe = ignore): Promise<void> {
    const credentials = { password: '', tlsDomain: await this.#tlsDomainOf(socket, observe) }
    await firstThatAnswers({ socket, credentials, timing, observe }, async (reached, request) => {
      const { greet } = await import('#lib/broker/connect/handshake.ts')
      await greet(reached, request)
    })
  }

  async #credentialsFor(socket: Socket, observe: Observe): Promise<Credentials> {
    const tlsDomain = await this.#tlsDomainOf(socket, observe)
    try {
      const password = passwordOf(socket, this.#secrets.passwords)
      registerSecret(password)
      return { password, tlsDomain }
    } catch (error) {
      if (error instanceof EviError) observe({ host: socket.hosts[0], step: 'login', ms: 0, failure: error })
      throw error
    }
  }

  async #tlsDomainOf({ tlsDomain: name, hosts }: Socket, observe: Observe): Promise<TlsDomain | undefined> {
    if (name === null) return undefined
    const domains = await this.#secrets.tlsDomains()
    const domain = domains.find((one) => one.name === name)
    if (domain) return domain
    const known = domains.map((one) => one.name).join(', ')
    const failure = new EviError('unreachable', `There is no TLS domain "${name}".`, {
      hint: `${known ? `Those there are: ${known}. ` : ''}Make it: evi tls-domain set ${shellWord(name)} --ca FILE`,
    })
    observe({ host: hosts[0], step: 'tls', ms: 0, failure })
    throw failure
  }
}

const ignore: Observe = () => {}

async function firstThatAnswers<T>(
  request: ConnectRequest,
  use: (reached: Reached, request: ConnectRequest) => Promise<T>,
): Promise<T> {
  const failures: EviError[] = []
  for (const host of request.socket.hosts) {
    try {
      return await inTurn(host, request.observe, async (observe) => {
        const observed = { ...request, observe }
        return await use(await reach(host, observed), observed)
      })
    } catch (error) {
      // A refused login is the cluster's answer; a silent node and a limit are reasons to ask the next one.
      if (!(error instanceof EviError) || !error.transient) throw error
      failures.push(error)
    }
  }
  const [first, ...others] = failures
  if (first && others.length === 0) throw first
  throw new EviError('unreachable', failures.map(({ message }) => message).join(' '), {
    hint: `None of the ${failures.length} hosts answers.`,
  })
}
