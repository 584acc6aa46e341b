import type { WiringNode } from '#lib/services/map/wiring-node.ts'
import { markOf, type Style } from '#lib/terminal/style.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { titleOf } from './map-graph.ts'

type State = NonNullable<WiringNode['state']>

/** The wiring from a root on as a tree: a line for each place, with a mark for the worst of what lies behind it. */
export function renderTree(root: WiringNode, style: Style): string {
  const note = root.note === null ? '' : `  ${noteOf(root, style)}`
  const name = paintOf(worstIn(root), style)(style.strong(visibleLine(root.name)))
  return `${name}${note}\n${renderBranches(root, style, '')}`
}

function renderBranches(node: WiringNode, style: Style, indent: string): string {
  const { lastBranch, branch, trunk } = style.marks
  const next = underTheirBroker(node.next)
  return next
    .map((child, index) => {
      const isLast = index === next.length - 1
      const line = `${indent}${style.faint(isLast ? lastBranch : branch)} ${lineOf(child, style)}\n`
      return line + renderBranches(child, style, `${indent}${isLast ? '  ' : style.faint(trunk)} `)
    })
    .join('')
}

/** Has a broker that several sockets lead to drawn once, with the sockets below it. */
function underTheirBroker(nodes: readonly WiringNode[]): readonly WiringNode[] {
  const groups = Map.groupBy(nodes, (node) => brokerKeyOf(node) ?? node)
  return [...groups.values()].flatMap((sockets) => {
    const [broker] = sockets[0]?.next ?? []
    if (sockets.length === 1 || !broker) return sockets
    return {
      ...broker,
      next: sockets.map((socket) => ({ ...socket, next: socket.next.flatMap(({ next }) => next) })),
    }
  })
}

/** The same for sockets whose broker is drawn alike. */
function brokerKeyOf({ kind, next }: WiringNode): string | undefined {
  const [broker, ...others] = next
  if (kind !== 'socket' || broker?.kind !== 'broker' || others.length > 0) return undefined
  return JSON.stringify([broker.id, broker.state, broker.note])
}

function lineOf(node: WiringNode, style: Style): string {
  // A broker is not at fault for what is missing on it, nor is an event.
  const state = node.kind === 'broker' || node.kind === 'event' ? node.state : worstIn(node)
  const mark = state === null ? '' : `${markOf(state, style)} `
  const note = node.note === null ? '' : `  ${noteOf(node, style)}`
  return `${mark}${visibleLine(labelOf(node, style))}${note}`
}

const fromBad: readonly State[] = ['failed', 'unknown', 'hidden', 'warning', 'passed']

/** Null where evi has not looked. */
function worstIn(node: WiringNode): State | null {
  const states = [node.state, ...node.next.map(worstIn)]
  return fromBad.find((state) => states.includes(state)) ?? null
}

function paintOf(state: State | null, { bad, warn }: Style): (text: string) => string {
  if (state === null || state === 'passed') return (text) => text
  return state === 'failed' ? bad : warn
}

function noteOf({ state, note }: WiringNode, style: Style): string {
  const text = visibleLine(note ?? '')
  return state === 'failed' ? style.bad(text) : style.faint(text)
}

/** The binding key stands before what it leads to. */
function labelOf(node: WiringNode, { marks }: Style): string {
  return node.bindingKey === null ? titleOf(node) : `"${node.bindingKey}" ${marks.arrow} ${titleOf(node)}`
}
