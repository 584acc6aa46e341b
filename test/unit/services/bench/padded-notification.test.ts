import { expect, test } from 'vitest'
import { readNotification } from '#lib/domain/event/notification.ts'
import { paddedNotification, smallestPadded } from '#lib/services/bench/padded-notification.ts'

test.each([smallestPadded, smallestPadded + 1, 150, 16_384])('a notification of exactly %i bytes', (size) => {
  const text = paddedNotification(size)
  expect(Buffer.byteLength(text)).toBe(size)
  expect(readNotification(text)).toMatchObject({
    json: text,
    event: 'E_BENCH',
    params: [{ name: 'padding' }],
  })
})
