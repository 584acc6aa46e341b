import { expect, test } from 'vitest'
import type { QueueState } from '#lib/domain/routing/queue-state.ts'
import type { Management } from '#lib/management/management.ts'
import { ListedManagement } from '#lib/services/check/listed-management.ts'

const names = Array.from({ length: 60 }, (_, index) => `n${index}`)
const queue = (name: string) => ({ name }) as QueueState
const bindingOf = (source: string) => ({
  source,
  destination: { kind: 'queue' as const, name: 'q' },
  routingKey: source,
  arguments: {},
})

/** An API with a thing of each name, which counts what it is asked. */
function countingApi(): { api: Management; asked: Record<string, number> } {
  const asked: Record<string, number> = {}
  const count = (what: string) => {
    asked[what] = (asked[what] ?? 0) + 1
  }
  const exchange = (name: string) => ({ name, type: 'topic', alternate: null })
  const api: Management = {
    host: 'h',
    cluster: async () => 'c',
    exchange: async (_vhost, name) => {
      count('exchange')
      return names.includes(name) ? exchange(name) : undefined
    },
    exchanges: async () => {
      count('exchanges')
      return names.map(exchange)
    },
    bindingsFrom: async (_vhost, source) => {
      count('bindingsFrom')
      return [bindingOf(source)]
    },
    bindings: async () => {
      count('bindings')
      return names.map(bindingOf)
    },
    queues: async (_vhost, wanted) => {
      count('queues')
      return new Map(wanted.filter((name) => names.includes(name)).map((name) => [name, queue(name)]))
    },
    vhostsWith: async () => [],
    names: async () => names,
    allQueues: async () => {
      count('allQueues')
      return names.map(queue)
    },
    connections: async () => [],
  }
  return { api, asked }
}

test('what is asked often is asked of the management API once', async () => {
  const { api, asked } = countingApi()
  const listed = new ListedManagement(api)
  for (const name of ['n1', 'n1', 'none', 'none']) {
    const isThere = name === 'n1'
    expect((await listed.exchange('/', name))?.name).toBe(isThere ? name : undefined)
    expect(await listed.bindingsFrom('/', name)).toEqual([bindingOf(name)])
    expect([...(await listed.queues('/', [name])).keys()]).toEqual(isThere ? [name] : [])
  }
  expect(asked).toEqual({ exchange: 2, bindingsFrom: 2, queues: 2 })
})

test('of many things of a vhost, the first are asked about one by one and the others come by one listing', async () => {
  const { api, asked } = countingApi()
  const listed = new ListedManagement(api)
  const found = await Promise.all(
    [...names, 'none'].map(async (name) => [
      (await listed.exchange('/', name))?.name,
      (await listed.bindingsFrom('/', name)).map(({ routingKey }) => routingKey),
      [...(await listed.queues('/', [name])).keys()],
    ]),
  )
  expect(found).toEqual([...names.map((name) => [name, [name], [name]]), [undefined, [], []]])
  const singly = { exchange: 20, bindingsFrom: 20, queues: 20 }
  expect(asked).toEqual({ ...singly, exchanges: 1, bindings: 1, allQueues: 1 })
})

test('many queues that are asked about together come by one listing', async () => {
  const { api, asked } = countingApi()
  const states = await new ListedManagement(api).queues('/', ['none', ...names.slice(0, 30)])
  expect([...states.keys()]).toEqual(names.slice(0, 30))
  expect(asked).toEqual({ allQueues: 1 })
})
