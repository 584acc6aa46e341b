import { isLive, type Subscription, type SubscriptionStore } from '#lib/domain/subscription/subscription.ts'
import { ConfigFile, type StorageListener, version } from './config-file.ts'
import { decode, encode, LineSubscription } from './stored-subscription.ts'
import { findLines, findRecords, type RecordLine, type StoredRecord, toFile } from './subscription-records.ts'

/** The persisted subscriptions, in `subscriptions.json` (docs/settings.md). */
export class ConfSubscriptionStore implements SubscriptionStore {
  readonly #file: ConfigFile
  /** The records of subscriptions that were read, which are written as they were. */
  readonly #records = new WeakMap<Subscription, StoredRecord>()

  constructor(directory: string, listener?: StorageListener) {
    this.#file = new ConfigFile(directory, 'subscriptions', { listener })
  }

  live(now: Date): Subscription[] {
    return [...this.eachLive(now)]
  }

  *eachLive(now: Date): Iterable<Subscription> {
    for (const one of this.#each(this.#file.readBytes())) if (isLive(one, now)) yield one
  }

  liveOf(event: string, now: Date): Subscription[] {
    const bytes = this.#file.readBytes()
    if (bytes === undefined) return []
    const found = findRecords(event, version, bytes)
    const subscriptions = found
      ? [...this.#decodeAll(found)]
      : [...this.#each(bytes)].filter((subscription) => subscription.event === event)
    return subscriptions.filter((subscription) => isLive(subscription, now))
  }

  async update<T>(
    now: Date,
    change: (live: readonly Subscription[]) => { next: readonly Subscription[]; result: T },
  ): Promise<T> {
    return await this.#file.updateBytes((bytes) => {
      const live = [...this.#each(bytes)].filter((subscription) => isLive(subscription, now))
      const { next, result } = change(live)
      return { next: toFile(version, this.#encodeAll(next)), result }
    })
  }

  /** All of the file, expired ones too. @throws EviError `damaged` where one of them makes no sense */
  *#each(bytes: Buffer | undefined): Iterable<Subscription> {
    if (bytes === undefined) return
    const lines = findLines(version, bytes)
    if (lines) {
      for (const line of lines) yield new LineSubscription(line, this.#damagedLine)
      return
    }
    const { subscriptions } = this.#file.parse(bytes)
    if (!Array.isArray(subscriptions)) throw this.#file.damaged('has no list "subscriptions"')
    // All of it is tried before anything is done with the first.
    yield* [...this.#decodeAll(subscriptions)]
  }

  *#decodeAll(records: readonly StoredRecord[]): Iterable<Subscription> {
    for (const [index, record] of records.entries()) {
      const subscription = decode(record)
      if (!subscription) throw this.#file.damaged(`makes no sense at subscription ${index + 1}`)
      this.#records.set(subscription, record)
      yield subscription
    }
  }

  *#encodeAll(subscriptions: readonly Subscription[]): Iterable<StoredRecord | RecordLine> {
    for (const one of subscriptions)
      yield one instanceof LineSubscription ? one.line : (this.#records.get(one) ?? encode(one))
  }

  readonly #damagedLine = ({ bytes, start }: RecordLine) => {
    // The first line of the file is not of a subscription.
    const number = bytes.toString('latin1', 0, start).split('\n').length - 1
    return this.#file.damaged(`makes no sense at subscription ${number}`)
  }
}
