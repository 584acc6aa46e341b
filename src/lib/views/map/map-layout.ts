import * as dagre from '@dagrejs/dagre'
import type { WiringNode } from '#lib/services/map/wiring-node.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { columnsOf, cutEnd, cutMiddle } from '#lib/text/layout/columns.ts'
import { type Graph, graphOf } from './map-graph.ts'

export interface PlacedNode {
  /** `n0`, `n1`, … */
  readonly id: string
  readonly node: WiringNode
  /** The lines of its box, cut to fit. */
  readonly lines: readonly string[]
  /** Of the middle of its box. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface PlacedEdge {
  readonly from: string
  readonly to: string
  readonly isCut: boolean
  readonly points: readonly Point[]
  /** The binding key, as it is and cut to fit. */
  readonly key: string | null
  readonly label: { readonly text: string; readonly x: number; readonly y: number } | null
}

/** The wiring as a picture, in pixels. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
}

/** Of a fixed-width font of 13 pixels, the widest that browsers come with. */
const columnWidth = 8
const lineHeight = 18
const padding = 12
const margin = 16
/** Columns; longer texts are cut. */
const longest = 44
const longestKey = 24
/** From as many nodes on, the order within a column is that of the store, as the best one takes seconds to find. */
const many = 200

/** Places the wiring from left to right, all events in the first column. */
export function layOut(roots: readonly WiringNode[]): Picture {
  const graph = graphOf(roots)
  const ids = new Map([...graph.nodes.keys()].map((id, index) => [id, `n${index}`]))
  const idOf = (id: string) => ids.get(id) ?? ''
  const placed = placeBoxes(graph, idOf)
  const boxOf = (id: string) => placed.node(idOf(id)) as Required<Box>
  const nodes = [...graph.nodes].map(([key, node]) => ({
    id: idOf(key),
    node,
    lines: linesOf(node),
    ...boxOf(key),
  }))
  const edges = graph.edges.map(({ from, to }, index) => {
    const { points, x, y } = placed.edge(idOf(to.id), idOf(from), `e${index}`) as Required<Line>
    const key = to.bindingKey
    const label = key === null ? null : { text: keyText(key), x, y }
    return {
      from: idOf(from),
      to: idOf(to.id),
      isCut: to.state === 'failed',
      points: [rightOf(boxOf(from)), ...points.slice(1, -1).reverse(), leftOf(boxOf(to.id))],
      key,
      label,
    }
  })
  const { width = 0, height = 0 } = placed.graph() as { width?: number; height?: number }
  return { width: finite(width), height: finite(height), nodes, edges }
}

function rightOf({ x, y, width }: Required<Box>): Point {
  return { x: x + width / 2, y }
}

function leftOf({ x, y, width }: Required<Box>): Point {
  return { x: x - width / 2, y }
}

function keyText(key: string): string {
  return cutMiddle(visibleLine(key) || '""', longestKey)
}

interface Point {
  readonly x: number
  readonly y: number
}

interface Box {
  width: number
  height: number
  x?: number
  y?: number
}

interface Line {
  width: number
  height: number
  labelpos: 'c'
  points?: { x: number; y: number }[]
  x?: number
  y?: number
}

/** Its edges go the other way: the library puts the ends of all ways into one column, and that is to be the events'. */
function placeBoxes({ nodes, edges }: Graph, idOf: (id: string) => string) {
  const graph = new dagre.graphlib.Graph({ multigraph: true })
  graph.setGraph({
    rankdir: 'RL',
    nodesep: 14,
    ranksep: 40,
    marginx: margin,
    marginy: margin,
    ranker: 'longest-path',
  })
  const widths = new Map(
    [...Map.groupBy(nodes.values(), ({ kind }) => kind)].map(([kind, some]) => [
      kind,
      Math.max(...some.map(widthOf)),
    ]),
  )
  for (const [key, node] of nodes) {
    const height = linesOf(node).length * lineHeight + padding
    graph.setNode(idOf(key), { width: widths.get(node.kind) ?? 0, height })
  }
  for (const [index, { from, to }] of edges.entries()) {
    const columns = to.bindingKey === null ? 0 : columnsOf(keyText(to.bindingKey))
    const height = columns === 0 ? 0 : lineHeight
    const line: Line = { width: columns * columnWidth, height, labelpos: 'c' }
    graph.setEdge(idOf(to.id), idOf(from), line, `e${index}`)
  }
  dagre.layout(graph, { disableOptimalOrderHeuristic: nodes.size >= many })
  return graph
}

function widthOf(node: WiringNode): number {
  const [first = '', ...more] = linesOf(node)
  const columns = Math.max(columnsOf(first) + (node.state === null ? 0 : 2), ...more.map(columnsOf), 8)
  return columns * columnWidth + 2 * padding
}

function linesOf({ kind, name, note }: WiringNode): readonly string[] {
  const about = [...(kind === 'consumers' ? [] : [kind]), ...(note === null ? [] : [visibleLine(note)])].join(
    ': ',
  )
  return [cutMiddle(visibleLine(name), longest - 2), ...(about === '' ? [] : [cutEnd(about, longest)])]
}

/** An empty graph has neither. */
function finite(size: number): number {
  return Number.isFinite(size) ? Math.ceil(size) : 0
}
