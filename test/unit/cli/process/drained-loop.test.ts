import { expect, test } from 'vitest'
import { untilDone, whenLoopDrains } from '#lib/cli/process/drained-loop.ts'

const never = new Promise<void>(() => {})
const drain = () => process.emit('beforeExit', 0)

test('a command that is done before the event loop drains gives its result', async () => {
  expect(await untilDone(Promise.resolve(7))).toBe(7)
})

test('a command that is not done when the event loop drains fails as a fault of evi', async () => {
  const running = untilDone(never)
  drain()
  await expect(running).rejects.toMatchObject({ code: 'internal', exit: 70 })
})

test('a command that saves what is open when the event loop drains fails when that is done', async () => {
  const drained = whenLoopDrains()
  const running = untilDone(
    new Promise<void>((resolve) => drained.addEventListener('abort', () => resolve())),
  )
  drain()
  await expect(running).rejects.toMatchObject({ code: 'internal' })
})

test('a command that saves nothing, though it asked to, fails when the event loop drains again', async () => {
  whenLoopDrains()
  const running = untilDone(never)
  drain()
  drain()
  await expect(running).rejects.toMatchObject({ code: 'internal' })
})
