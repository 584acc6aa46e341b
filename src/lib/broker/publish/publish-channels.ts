import type { ChannelUse, Message, OpenMessage } from '#lib/broker/broker.ts'
import { type ChannelOwner, openMessage, type WaitingMessage } from './channel-owner.ts'
import { type ChannelDestination, PublishChannel } from './publish-channel.ts'
import type { Unconfirmed } from './unconfirmed.ts'

/** Channels that are left to requests beside the publishing, where the broker allows few. */
const spareChannels = 1
/** To open one again after a refusal takes several requests, which wait for each other on one channel and not on several. */
const mostForTrials = 8

/** The channels of a publisher, and the messages on all of them. */
export class PublishChannels<M extends Message> {
  /** Those that messages to exchanges that work are dealt out to. */
  readonly main: readonly PublishChannel<M>[]
  /** The main ones, and those of the trials. */
  readonly all: PublishChannel<M>[]
  /** Where the first message to an exchange goes. */
  forTrials: readonly PublishChannel<M>[]
  readonly #owner: ChannelOwner<M, PublishChannel<M>>
  /** How many the trials may have of their own. */
  readonly #mostForTrials: number

  /** @param channelMax what the broker allows on the connection; 0 is no limit */
  constructor(owner: ChannelOwner<M, PublishChannel<M>>, { most, isScarce }: ChannelUse, channelMax: number) {
    this.#owner = owner
    const allowed = channelMax > 0 ? channelMax - spareChannels : Number.POSITIVE_INFINITY
    const main = Math.max(1, Math.min(most, allowed))
    this.main = Array.from({ length: main }, () => new PublishChannel<M>(owner))
    this.all = [...this.main]
    this.forTrials = this.main
    this.#mostForTrials = isScarce ? 0 : Math.max(0, Math.min(mostForTrials, allowed - main))
  }

  /** Gives the trials channels of their own, where the broker allows them; each is opened with its first message. */
  separateTrials(): void {
    if (this.#mostForTrials === 0) return
    this.forTrials = Array.from({ length: this.#mostForTrials }, () => new PublishChannel<M>(this.#owner))
    this.all.push(...this.forTrials)
  }

  /** @throws EviError */
  async open(): Promise<void> {
    await Promise.all(this.main.map((channel) => channel.open()))
  }

  /** Sends what waits, as far as it can go. */
  pump(): void {
    for (const channel of this.all) channel.pump()
  }

  /** Whether the broker answers on all of them. */
  async ping(): Promise<boolean> {
    const answers = await Promise.all(this.all.map((channel) => channel.ping()))
    return answers.every(Boolean)
  }

  close(): void {
    for (const channel of this.all) channel.close()
  }

  /** Removes and returns what is in flight. */
  takeUnconfirmed(): Unconfirmed<M, ChannelDestination<M>>[] {
    return this.all.flatMap(({ unconfirmed }) => unconfirmed.takeAll())
  }

  /** Removes and returns what others overtook, in flight for at least so many milliseconds. */
  takeOvertaken(milliseconds: number): Unconfirmed<M, ChannelDestination<M>>[] {
    return this.all.flatMap((channel) => channel.takeOvertaken(milliseconds))
  }

  /** Removes and returns what was not sent. */
  takeWaiting(): WaitingMessage<M, PublishChannel<M>>[] {
    return this.all.flatMap(({ waiting }) => waiting.splice(0))
  }

  /** Removes and returns all, in order for each channel. */
  takeAll(): OpenMessage<M>[] {
    return this.all.flatMap(({ unconfirmed, waiting }) => [
      ...unconfirmed
        .takeAll()
        .map(({ message, destination: { socket } }) => ({ message, socket, mayHaveArrived: true })),
      ...waiting.splice(0).map(openMessage),
    ])
  }
}
