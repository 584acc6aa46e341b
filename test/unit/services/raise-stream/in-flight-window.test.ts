import { expect, test } from 'vitest'
import { Load } from '#lib/services/raise-stream/in-flight-window.ts'

const message = (bytes: number) => ({ body: Buffer.alloc(bytes) })

test('a window is full with so many messages, and half of it makes room', async () => {
  const load = new Load(4, 2)
  for (let count = 0; count < 4; count++) load.add(message(1))
  expect(load.full).toBe(true)
  let less = false
  const waiting = load.less().then(() => {
    less = true
  })
  load.remove(message(1))
  await Promise.resolve()
  expect({ full: load.full, less }).toEqual({ full: false, less: false })
  load.remove(message(1))
  await waiting
  expect({ empty: load.empty, less }).toEqual({ empty: false, less: true })
})

test('large messages fill it before, but one goes always', () => {
  const load = new Load(1000, 500)
  expect(load.full).toBe(false)
  load.add(message(20_000_000))
  expect(load.full).toBe(true)
  load.remove(message(20_000_000))
  expect({ full: load.full, empty: load.empty }).toEqual({ full: false, empty: true })
})
