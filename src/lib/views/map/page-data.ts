import type { WiringNode } from '#lib/services/map/wiring-node.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { splitCommand } from '#lib/text/layout/split-command.ts'
import type { Picture } from './map-layout.ts'
import { stateWords } from './render-svg.ts'

/** What the page's script shows of each box, as JSON; nothing in it can end the element that it stands in. */
export function pageData({ nodes, edges }: Picture): string {
  const boxes = nodes.map(({ id, node, x, y }) => ({
    id,
    x: Math.round(x),
    y: Math.round(y),
    kind: node.kind,
    name: visibleLine(node.name),
    state: node.state,
    word: stateWords[node.state ?? 'none'],
    notes: notedIn(node).map((one) => ({ note: visibleLine(one.note ?? ''), remedy: remedyOf(one) })),
  }))
  const wires = edges.map(({ from, to, key }) => ({ from, to, key: key === null ? null : visibleLine(key) }))
  return JSON.stringify({ boxes, wires }).replaceAll('<', '\\u003c')
}

/** The node if it has a note or remedy of its own; of one that is broken without a reason, what is broken behind it. */
function notedIn(node: WiringNode): readonly WiringNode[] {
  if (node.note !== null || node.hint !== null) return [node]
  return node.state === 'failed' ? node.next.flatMap(brokenIn) : []
}

function brokenIn(node: WiringNode): readonly WiringNode[] {
  return node.state === 'failed' && node.note !== null ? [node] : node.next.flatMap(brokenIn)
}

interface RemedyLine {
  readonly prose: string
  readonly command: string | null
}

/** What to do, a line each; a command at its end stands apart. */
export function remedyOf({ hint }: WiringNode): readonly RemedyLine[] {
  const lines = hint === null ? [] : hint.split('\n').map(visibleLine)
  return lines.map(splitCommand).map(({ prose, command = null }) => ({ prose, command }))
}
