import type { WiringNode } from '#lib/services/map/wiring-node.ts'

interface Edge {
  readonly from: string
  readonly to: WiringNode
}

/** The wiring with each thing once; its nodes by their ids. */
export interface Graph {
  readonly nodes: ReadonlyMap<string, WiringNode>
  readonly edges: readonly Edge[]
}

/** The same thing is one node of a diagram, however many ways lead there. */
export function graphOf(roots: readonly WiringNode[]): Graph {
  const nodes = new Map<string, WiringNode>()
  const edges = new Map<string, Edge>()
  const visit = (node: WiringNode) => {
    if (!nodes.has(node.id) || node.state === 'failed') nodes.set(node.id, node)
    for (const child of node.next) {
      edges.set(JSON.stringify([node.id, child.id, child.bindingKey]), { from: node.id, to: child })
      visit(child)
    }
  }
  for (const root of roots) visit(root)
  return { nodes, edges: [...edges.values()] }
}

/** A node in a word or two. */
export function titleOf({ kind, name }: WiringNode): string {
  return kind === 'opensips' || kind === 'socket' || kind === 'consumers' || kind === 'event'
    ? name
    : `${kind} ${name}`
}
