import type { Binding, Exchange, Topology } from '#lib/domain/routing/route.ts'
import type { Management } from '#lib/management/management.ts'

/** Requests that are open together. */
const requestsTogether = 8

/** Reads the exchanges and bindings that an exchange leads to, and no others, each once. */
export async function topologyBehind(
  management: Management,
  vhost: string,
  start: string,
): Promise<Topology> {
  const exchanges: Exchange[] = []
  const bindings: Binding[] = []
  const seen = new Set<string>()
  const { default: pLimit } = await import('p-limit')
  const limit = pLimit(requestsTogether)
  const visit = async (name: string): Promise<void> => {
    if (seen.has(name)) return
    seen.add(name)
    const exchange = await limit(() => management.exchange(vhost, name))
    if (!exchange) return
    exchanges.push(exchange)
    const leaving = await limit(() => management.bindingsFrom(vhost, name))
    for (const binding of leaving) bindings.push(binding)
    const next = leaving.flatMap(({ destination }) =>
      destination.kind === 'exchange' ? [destination.name] : [],
    )
    await Promise.all([...next, ...(exchange.alternate ? [exchange.alternate] : [])].map(visit))
  }
  await visit(start)
  return { exchanges, bindings }
}
