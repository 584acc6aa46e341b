import type { Socket } from '../domain/socket.ts'
import { EviError } from '../errors.ts'
import { AmqpConnection } from './amqp-connection.ts'
import type { Broker, BrokerConnection, Timing } from './broker.ts'
import { connectToHost } from './connect.ts'

/** RabbitMQ through amqplib. */
export const amqpBroker: Broker = {
  async connect(socket: Socket, timing: Timing): Promise<BrokerConnection> {
    const failures: EviError[] = []
    for (const host of socket.hosts) {
      try {
        return new AmqpConnection(await connectToHost(host, socket, timing), timing)
      } catch (error) {
        // A refused login is the cluster's answer, not this node's; only silence is a reason to ask the next one.
        if (!(error instanceof EviError) || error.code !== 'unreachable') throw error
        failures.push(error)
      }
    }
    const [first, ...others] = failures
    if (first && others.length === 0) throw first
    throw new EviError('unreachable', failures.map(({ message }) => message).join(' '), {
      hint: `None of the ${failures.length} hosts answers.`,
    })
  },
}
