import type { ReceivedMessage } from '#lib/broker/broker.ts'
import { BindingMatcher, type MatchedType } from '#lib/domain/routing/binding-matcher.ts'
import { printSocket } from '#lib/domain/socket/socket.ts'
import type { TailedMessages } from './tail-request.ts'
import type { WatchedSocket } from './watched-socket.ts'

/** Finds which of the sockets that share a queue each message belongs to. */
export class SharedMessages {
  readonly #sockets: readonly WatchedSocket[]
  readonly #matcher: BindingMatcher<string>

  /** @param bindingKey of all of them, where it is not each socket's routing key */
  constructor(sockets: readonly WatchedSocket[], type: MatchedType, bindingKey: string | undefined) {
    this.#sockets = sockets
    this.#matcher = new BindingMatcher(
      type,
      sockets.map(({ socket, printed }) => ({ key: bindingKey ?? socket.routingKey, target: printed })),
    )
  }

  /** The messages in their order, those in a row together; one that belongs to several sockets is there for each. */
  split(messages: readonly ReceivedMessage[], time: Date): readonly TailedMessages[] {
    const pieces: TailedMessages[] = []
    let row: ReceivedMessage[] = []
    let sockets: readonly string[] = []
    const end = () => {
      for (const socket of sockets) pieces.push({ socket, time, messages: row })
      row = []
    }
    for (const message of messages) {
      const those = this.#socketsOf(message)
      if (!areSame(those, sockets)) {
        end()
        sockets = those
      }
      row.push(message)
    }
    end()
    return pieces
  }

  #socketsOf(message: ReceivedMessage): readonly string[] {
    const found = this.#matcher.targetsOf(message.routingKey, otherRoutingKeysOf(message))
    // A message has more routing keys than it shows: RabbitMQ removes the header BCC.
    return found.length > 0 ? found : [this.#publishedTo(message)]
  }

  #publishedTo({ routingKey }: ReceivedMessage): string {
    const [{ socket }] = this.#sockets as [WatchedSocket]
    return printSocket({ ...socket, routingKey })
  }
}

/** RabbitMQ routes by the header CC, too. */
function otherRoutingKeysOf({ properties }: ReceivedMessage): readonly string[] {
  const { headers } = properties as { readonly headers?: { readonly CC?: unknown } }
  return Array.isArray(headers?.CC) ? headers.CC.filter((key) => typeof key === 'string') : none
}

const none: readonly string[] = []

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some === others || (some.length === others.length && some.every((one, at) => one === others[at]))
}
