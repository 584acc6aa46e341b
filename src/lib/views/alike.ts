import { type PublishFailure, statusOf } from '#lib/domain/failure/failure.ts'
import { connectionKeyOf, printSocket, type Socket } from '#lib/domain/socket/socket.ts'

/** Subscribers from which on those that fail alike are shown as a number. */
export const many = 10

/** A subscriber that failed. */
export interface FailedSocket {
  readonly socket: Socket
  readonly failure: PublishFailure
}

/** Equal for those that fail alike: in the same way, with the same login of the same broker. */
export function sortOfFailure({ socket, failure }: FailedSocket): string {
  return `${statusOf(failure)} ${connectionKeyOf(socket)}`
}

/** Why several failed: their reason where it is the same, else that of the first one, by its name. */
export function reasonOfMany(failed: readonly [FailedSocket, ...FailedSocket[]]): string {
  const [{ socket, failure }] = failed
  return failed.every((one) => one.failure.message === failure.message)
    ? failure.message
    : `Such as ${printSocket(socket)}: ${failure.message}`
}
