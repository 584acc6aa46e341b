import type { Binding, Exchange, Topology } from '#lib/domain/routing/route.ts'
import type { Management } from '#lib/management/management.ts'

/** Reads the exchanges and bindings that can be come by from an exchange, and no others, however many there are. */
export async function topologyBehind(
  management: Management,
  vhost: string,
  start: string,
): Promise<Topology> {
  const exchanges: Exchange[] = []
  const bindings: Binding[] = []
  const seen = new Set<string>()
  const visit = async (name: string): Promise<void> => {
    if (seen.has(name)) return
    seen.add(name)
    const exchange = await management.exchange(vhost, name)
    if (!exchange) return
    exchanges.push(exchange)
    const leaving = await management.bindingsFrom(vhost, name)
    bindings.push(...leaving)
    const next = leaving.flatMap(({ destination }) =>
      destination.kind === 'exchange' ? [destination.name] : [],
    )
    await Promise.all([...next, ...(exchange.alternate ? [exchange.alternate] : [])].map(visit))
  }
  await visit(start)
  return { exchanges, bindings }
}
