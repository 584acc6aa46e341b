import type { ChannelModel } from 'amqplib'
import type { Consumer, ConsumerRequest, CopiesRequest, Peeked, PeekRequest } from '#lib/broker/broker.ts'
import type { ConnectionLife } from '#lib/broker/connection-life.ts'
import { ask } from '#lib/broker/wire/channel.ts'
import { type EviError, SilentConnection } from '#lib/errors.ts'
import type { ConsumerLimits } from './consumer.ts'
import { openConsumer } from './watch.ts'
import { startWatchdog } from './watchdog.ts'

export interface ConsumersOptions {
  readonly life: ConnectionLife
  /** Milliseconds. */
  readonly replyTimeout: number
}

/** The consumers of a connection. */
export class Consumers {
  readonly #model: ChannelModel
  readonly #options: ConsumersOptions

  constructor(model: ChannelModel, options: ConsumersOptions) {
    this.#model = model
    this.#options = options
  }

  /** See `BrokerConnection.openConsumer`. */
  async open(request: ConsumerRequest): Promise<Consumer> {
    const opened = openConsumer(this.#model, request, this.#limits(request))
    return await this.#options.life.orReasonOfLoss(opened)
  }

  /** See `BrokerConnection.openCopies`. */
  async openCopies(request: CopiesRequest): Promise<ReadonlyMap<string, EviError>> {
    const { consumeTogether } = await import('./consume-together.ts')
    const opened = ask(request.socket, () => consumeTogether(this.#model, request, this.#limits(request)))
    return await this.#options.life.orReasonOfLoss(opened)
  }

  /** See `BrokerConnection.peek`. */
  async peek(request: PeekRequest): Promise<Peeked> {
    const { peek } = await import('./peek.ts')
    const { life, replyTimeout } = this.#options
    return await life.orReasonOfLoss(ask(request.socket, () => peek(this.#model, request, replyTimeout)))
  }

  #limits({ prefetch }: Pick<ConsumerRequest, 'prefetch'>): ConsumerLimits {
    const { life, replyTimeout } = this.#options
    const onOpened: ConsumerLimits['onOpened'] = (ping) => {
      life.watch(() =>
        startWatchdog(life.stream, {
          replyTimeout,
          isBlocked: () => life.blocked !== undefined,
          ping,
          onTimeout: (silentMs) =>
            life.destroy(
              new SilentConnection(`the broker did not answer within ${replyTimeout} ms`, silentMs),
            ),
        }),
      )
    }
    return { replyTimeout, prefetch, onOpened, onEnded: (reason) => life.end(reason) }
  }
}
