import { buildNotification } from '#lib/domain/event/notification.ts'

/** The event name that marks the load, unlike real events. */
const event = 'E_BENCH'

/** A notification of exactly so many bytes. @param size `smallestPadded` or more */
export function paddedNotification(size: number): string {
  return padded(size - smallestPadded)
}

/** Bytes without any padding. */
export const smallestPadded = padded(0).length

function padded(bytes: number): string {
  return buildNotification(event, { named: [`padding=${'x'.repeat(bytes)}`], unnamed: [], whole: undefined })
}
