import type { Message, OpenMessage } from '#lib/broker/broker.ts'
import type { ChannelOwner, WaitingMessage } from './channel-owner.ts'
import { type ChannelDestination, PublishChannel } from './publish-channel.ts'
import type { Unconfirmed } from './unconfirmed.ts'

/** Channels that are left to requests beside the publishing, where the broker allows few. */
const spareChannels = 1

/** The channels of a publisher, and the messages on all of them. */
export class PublishChannels<M extends Message> {
  readonly all: readonly PublishChannel<M>[]

  /** @param channelMax what the broker allows on the connection; 0 is no limit */
  constructor(owner: ChannelOwner<M, PublishChannel<M>>, most: number, channelMax: number) {
    const allowed = channelMax > 0 ? channelMax - spareChannels : most
    const channels = Math.max(1, Math.min(most, allowed))
    this.all = Array.from({ length: channels }, () => new PublishChannel<M>(owner))
  }

  /** @throws EviError */
  async open(): Promise<void> {
    await Promise.all(this.all.map((channel) => channel.open()))
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
      ...waiting
        .splice(0)
        .map(({ message, destination: { socket }, mayHaveArrived }) => ({ message, socket, mayHaveArrived })),
    ])
  }
}
