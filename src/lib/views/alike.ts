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
    sentence = failure.message.replaceAll(/"[^"]*"|\d+/g, '')
    sentences.set(failure, sentence)
  }
  return sentence
}

/** Why several failed: their reason where it is the same, else that of the first one, by its name. */
export function reasonOfMany(failed: readonly [FailedSocket, ...FailedSocket[]]): string {
  const [{ socket, failure }] = failed
  return failed.every((one) => one.failure.message === failure.message)
    ? failure.message
    : `Such as ${printSocket(socket)}: ${failure.message}`
}
