import { type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
import { printAddress, printSocket, type Socket } from '#lib/domain/socket/socket.ts'

/** Subscribers from which on those that fail alike are shown as a number. */
export const many = 10

/** A subscriber that failed. */
export interface FailedSocket {
  readonly socket: Socket
  readonly failure: PublishFailure
}

/** The sentences of failures without names and numbers; kept, as a stream asks for the same failures with each line. */
const sentences = new WeakMap<PublishFailure, string>()

/** Equal for those that fail alike: at the same broker, for a reason that differs in names and numbers at most. */
export function sortOfFailure({ socket, failure }: FailedSocket): string {
  return `${statusOf(failure)} ${socket.hosts.map(printAddress).join()} ${sentenceOf(failure)}`
}

function sentenceOf(failure: PublishFailure): string {
  let sentence = sentences.get(failure)
  if (sentence === undefined) {
    sentence = withoutNames(failure.message)
    sentences.set(failure, sentence)
  }
  return sentence
}

/** A sentence without names in quotes and numbers: equal for what is alike. */
export function withoutNames(sentence: string): string {
  return sentence.replaceAll(/"[^"]*"|'[^']*'|\d+/g, '')
}

/**
 * Each item in its turn, and those that are alike together in that of the first, where they are many.
 *
 * @param sortOf equal for those that are alike; empty for one that stands alone
 */
export function foldAlike<T>(
  items: readonly T[],
  sortOf: (item: T) => string,
  least: number = many,
): readonly (readonly [T, ...T[]])[] {
  const sorts = Map.groupBy(items, sortOf)
  return items.flatMap((item) => {
    const sort = sortOf(item)
    const alike = sorts.get(sort) ?? []
    if (sort === '' || alike.length < least) return [[item]]
    return alike[0] === item ? [alike as [T, ...T[]]] : []
  })
}

/** Why several failed: their reason where it is the same, else that of the first one, by its name. */
export function reasonOfMany(failed: readonly [FailedSocket, ...FailedSocket[]]): string {
  const [{ socket, failure }] = failed
  return failed.every((one) => one.failure.message === failure.message)
    ? failure.message
    : `Such as ${printSocket(socket)}: ${failure.message}`
}
