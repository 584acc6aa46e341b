import { expect, test } from 'vitest'
import { InFlightWindow } from '#lib/services/raise-stream/publishing/in-flight-window.ts'

const message = (bytes: number) => ({ body: Buffer.alloc(bytes) })

test('a window is full with so many messages, and half of it makes room', async () => {
  const window = new InFlightWindow(4)
  for (let count = 0; count < 4; count++) window.add(message(1))
  expect(window.isFull).toBe(true)
  let less = false
  const waiting = window.room().then(() => {
    less = true
  })
  window.remove(message(1))
  await Promise.resolve()
  expect({ full: window.isFull, less }).toEqual({ full: false, less: false })
  window.remove(message(1))
  await waiting
  expect({ empty: window.isEmpty, less }).toEqual({ empty: false, less: true })
})

test('large messages fill it before, but one goes always', () => {
  const window = new InFlightWindow(1000)
  expect(window.isFull).toBe(false)
  window.add(message(20_000_000))
  expect(window.isFull).toBe(true)
  window.remove(message(20_000_000))
  expect({ full: window.isFull, empty: window.isEmpty }).toEqual({ full: false, empty: true })
})

test('what the publisher holds back leaves its place in the window to others, but not its bytes', async () => {
  const window = new InFlightWindow(2)
  window.add(message(7_000_000))
  window.add(message(1))
  const room = window.room()
  window.hold(2)
  expect({ full: window.isFull, empty: window.isEmpty }).toEqual({ full: false, empty: false })
  window.add(message(10_000_000))
  expect(window.isFull).toBe(true)
  window.remove(message(10_000_000))
  await room
  window.hold(-2)
  expect(window.isFull).toBe(true)
})
