import { randomUUID } from 'node:crypto'
import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  type ConsumeMessage,
  connect,
  type GetMessage,
  type Message,
} from 'amqplib'
import { testBroker } from './sandbox.ts'

/** Another client of the broker, to see what evi really did there; its queues and exchanges go with it. */
export class Client {
  readonly #model: ChannelModel
  #channel: Channel | undefined

  private constructor(model: ChannelModel) {
    this.#model = model
  }

  static async connect(port = testBroker.port): Promise<Client> {
    const client = new Client(await connect({ hostname: testBroker.host, port }, { noDelay: true }))
    await client.reopen()
    return client
  }

  get channel(): Channel {
    if (this.#channel) return this.#channel
    throw new Error('RabbitMQ closed the channel of this client')
  }

  /** The name of the broker's cluster. */
  get cluster(): string {
    return String((this.#model.connection.serverProperties as { cluster_name?: unknown }).cluster_name)
  }

  /** A queue of a new name, or of the one given, gone with the client. */
  async queue(name = `q-${randomUUID()}`): Promise<string> {
    return (await this.channel.assertQueue(name, { durable: false, expires: 600_000 })).queue
  }

  /** A stream of a new name, or of the one given, which outlives the client. */
  async stream(name = `s-${randomUUID()}`): Promise<string> {
    const options = { durable: true, arguments: { 'x-queue-type': 'stream' } }
    return (await this.channel.assertQueue(name, options)).queue
  }

  /** An exchange of a new name. */
  async exchange(type: 'direct' | 'fanout' | 'topic'): Promise<string> {
    return (await this.channel.assertExchange(`x-${randomUUID()}`, type, { durable: false })).exchange
  }

  /** Takes all that is ready in the queue. */
  async take(queue: string): Promise<GetMessage[]> {
    const messages: GetMessage[] = []
    for (let message = await this.get(queue); message; message = await this.get(queue)) messages.push(message)
    return messages
  }

  /** Consumes as a real consumer does, and acknowledges each message; the list grows by what it gets. */
  async work(queue: string, options: { prefetch?: number; arguments?: object } = {}): Promise<string[]> {
    const seen: string[] = []
    await this.channel.prefetch(options.prefetch ?? 10)
    const onMessage = (message: ConsumeMessage | null) => {
      if (message === null) return
      seen.push(bodyOf(message))
      this.channel.ack(message)
    }
    await this.channel.consume(queue, onMessage, { arguments: options.arguments })
    return seen
  }

  /** A channel with publisher confirms. */
  async confirmChannel(): Promise<ConfirmChannel> {
    return await this.#model.createConfirmChannel()
  }

  /** Opens a new channel where the broker closed the last one, as it does when it refuses a request. */
  async reopen(): Promise<void> {
    if (this.#channel) return
    this.#channel = await this.#model.createChannel()
    this.#channel.once('error', () => {
      this.#channel = undefined
    })
  }

  async close(): Promise<void> {
    await this.#model.close()
  }

  private async get(queue: string): Promise<GetMessage | false> {
    return await this.channel.get(queue, { noAck: true })
  }
}

/** The body, and `redelivered` behind it where the message is marked so. */
export function bodyOf({ content, fields }: Message): string {
  return `${content}${fields.redelivered ? ' redelivered' : ''}`
}

/** The properties that a message really has. */
export function propertiesOf({ properties }: GetMessage): object {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined))
}

/** The test broker's address as a socket starts. */
export const brokerAddress = `rabbitmq:guest:guest@${testBroker.host}:${testBroker.port}`
/** The same as evi prints it. */
export const printedAddress = `rabbitmq:guest@${testBroker.host}:${testBroker.port}`
