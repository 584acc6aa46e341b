import { expect, test, vi } from 'vitest'
import { EventRuns, type RunEnd } from '#lib/services/tail/runs/event-runs.ts'

const message = (body: string) => ({
  body: Buffer.from(body),
  exchange: '',
  routingKey: 'q',
  redelivered: false,
  properties: {},
})
const batch = (...bodies: string[]) => ({ socket: 's', time: new Date(0), messages: bodies.map(message) })

/** Runs that end when the test says so, in the order in which they were started. */
function scene(jobs: number) {
  const open: { body: string; end: (end: RunEnd) => void }[] = []
  const started: string[] = []
  const controller = new AbortController()
  const listener = { failed: vi.fn(), stuck: vi.fn() }
  const runs = new EventRuns({
    jobs,
    interrupted: controller.signal,
    listener,
    run: ({ body }) =>
      new Promise((end) => {
        started.push(String(body))
        open.push({ body: String(body), end })
      }),
  })
  const end = async (code = 0) => {
    open.shift()?.end({ code, how: `ended with exit code ${code}` })
    await new Promise(setImmediate)
  }
  return { runs, started, end, controller, listener }
}

test('as many as jobs run at once, and the others get their turn in the order in which they came', async () => {
  const { runs, started, end } = scene(2)
  void runs.take([batch('1', '2', '3')])
  void runs.take([batch('4')])
  await new Promise(setImmediate)
  expect(started).toEqual(['1', '2'])
  await end()
  await end()
  await end()
  expect(new Set(started)).toEqual(new Set(['1', '2', '3', '4']))
  await end()
  await runs.ended()
  expect(runs.tally).toEqual({ done: 4, failed: 0, left: 0 })
  expect(runs.exitCode).toBe(0)
})

test('taking waits for a free place, and not for the end of the run', async () => {
  const { runs, end } = scene(1)
  await runs.take([batch('1')])
  const second = vi.fn()
  const taken = runs.take([batch('2')]).then(second)
  await new Promise(setImmediate)
  expect(second).not.toHaveBeenCalled()
  await end()
  await taken
  await end()
  await runs.ended()
})

test.each([
  [[0, 1, 0], 3],
  [[1, 7], 7],
  [[0, 0], 0],
  [[137], 137],
])('runs that end with %j are exit code %i', async (codes, exit) => {
  const { runs, end, listener } = scene(1)
  void runs.take([batch(...codes.map(String))])
  for (const code of codes) await end(code)
  await runs.ended()
  expect(runs.exitCode).toBe(exit)
  expect(listener.failed).toHaveBeenCalledTimes(codes.filter((code) => code !== 0).length)
})

test('an interrupt leaves what has no run yet, and is 130', async () => {
  const { runs, started, end, controller } = scene(1)
  void runs.take([batch('1', '2', '3')])
  controller.abort()
  await end(143)
  await runs.ended()
  expect(started).toEqual(['1'])
  expect(runs.tally).toEqual({ done: 0, failed: 0, left: 3 })
  expect(runs.exitCode).toBe(130)
})
