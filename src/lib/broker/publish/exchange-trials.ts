import type { Message, PublisherListener } from '#lib/broker/broker.ts'
import type { ChannelOwner, WaitingMessage } from './channel-owner.ts'
import type { ExchangeState } from './destination.ts'
import type { PublishChannel } from './publish-channel.ts'
import type { PublishChannels } from './publish-channels.ts'

type Held<M extends Message> = WaitingMessage<M, PublishChannel<M>>

type TrialsOwner<M extends Message> = Pick<ChannelOwner<M, PublishChannel<M>>, 'settle'>
type Listener = Pick<PublisherListener<Message>, 'held'>

/**
 * Tries exchanges: the first message to each goes alone on its channel, as the broker closes the channel where it refuses
 * the message. The others are held back until then. From the first refusal on, the trials have channels of their own, so
 * that messages to exchanges that work do not wait until many others were refused.
 */
export class ExchangeTrials<M extends Message> {
  readonly #owner: TrialsOwner<M>
  readonly #channels: PublishChannels<M>
  readonly #listener: Listener
  /** What is held back, in order, for each exchange that is not known to work. */
  readonly #held = new Map<ExchangeState, Held<M>[]>()
  /** The exchanges that no channel tries yet, in order. */
  readonly #untried = new Set<ExchangeState>()
  #size = 0
  #hasRefusals = false

  constructor(owner: TrialsOwner<M>, channels: PublishChannels<M>, listener: Listener) {
    this.#owner = owner
    this.#listener = listener
    this.#channels = channels
  }

  /** Holds a message back until its exchange was tried. */
  hold(message: Held<M>): void {
    const { exchangeState } = message.destination
    const held = this.#held.get(exchangeState)
    if (held) held.push(message)
    else this.#held.set(exchangeState, [message])
    if (!exchangeState.isOnTrial) this.#untried.add(exchangeState)
    this.#count(1)
  }

  /** Begins as many trials as there are channels for. */
  pump(): void {
    if (this.#held.size === 0) return
    for (const channel of this.#channels.forTrials) {
      while (!channel.trial && this.#begin(channel)) channel.pump()
      if (channel.trial && (this.#untried.size > 0 || this.#held.has(channel.trial))) channel.hurry()
    }
  }

  /** The trial on the channel is over: what was held back for its exchange is sent, fails alike, or needs another trial. */
  ended(channel: PublishChannel<M>, exchangeState: ExchangeState): void {
    channel.trial = undefined
    exchangeState.isOnTrial = false
    const held = this.#take(exchangeState)
    if (exchangeState.isTried) {
      release(held)
      return
    }
    for (const one of held) {
      const { message, destination } = one
      const failure = destination.failure()
      if (failure) this.#owner.settle(message, destination, failure)
      else this.hold(one)
    }
  }

  /** A channel was closed for an exchange. */
  refused(): void {
    if (this.#hasRefusals) return
    this.#hasRefusals = true
    this.#channels.separateTrials()
    this.#listener.held(this.#size)
  }

  /** Removes and returns all that is held back. */
  takeAll(): Held<M>[] {
    return [...this.#held.keys()].flatMap((exchangeState) => this.#take(exchangeState))
  }

  #begin(channel: PublishChannel<M>): boolean {
    const [exchangeState] = this.#untried
    const first = exchangeState && this.#held.get(exchangeState)?.shift()
    if (!first) return false
    this.#untried.delete(exchangeState)
    if (this.#held.get(exchangeState)?.length === 0) this.#held.delete(exchangeState)
    this.#count(-1)
    exchangeState.isOnTrial = true
    channel.trial = exchangeState
    channel.waiting.push({ ...first, manner: 'trial' })
    return true
  }

  #take(exchangeState: ExchangeState): Held<M>[] {
    const held = this.#held.get(exchangeState) ?? []
    this.#held.delete(exchangeState)
    this.#untried.delete(exchangeState)
    this.#count(-held.length)
    return held
  }

  #count(change: number): void {
    this.#size += change
    if (this.#hasRefusals && change !== 0) this.#listener.held(change)
  }
}

/** Puts the messages before those that came later and wait for their channels. */
function release<M extends Message>(held: readonly Held<M>[]): void {
  for (const [channel, messages] of Map.groupBy(held, ({ destination }) => destination.channel))
    channel.waiting = [...messages, ...channel.waiting]
}
