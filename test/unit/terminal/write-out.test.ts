import { afterEach, expect, test, vi } from 'vitest'
import { writeOut } from '#lib/terminal/output.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('any number of writers wait for a full stdout with one listener, which Node.js does not warn of', async () => {
  const before = process.stdout.listenerCount('drain')
  vi.spyOn(process.stdout, 'write').mockReturnValue(false)
  const writing = Array.from({ length: 20 }, () => writeOut('line\n'))
  expect(process.stdout.listenerCount('drain') - before).toBe(1)
  process.stdout.emit('drain')
  await Promise.all(writing)
  const next = writeOut('line\n')
  process.stdout.emit('drain')
  await next
  expect(process.stdout.listenerCount('drain')).toBe(before)
})
