import type { WiringNode } from '#lib/services/map/wiring-node.ts'
import type { Style } from '#lib/terminal/style.ts'
import { visibleJson, visibleLine } from '#lib/text/escape-controls.ts'
import { type Graph, graphOf, titleOf } from './map-graph.ts'
import { renderTree } from './render-tree.ts'
import { summarize } from './summarize.ts'

export const mapFormats = ['tree', 'mermaid', 'dot', 'svg', 'html', 'json'] as const
export type MapFormat = (typeof mapFormats)[number]

/** The wiring as a tree for people, a diagram for documents, or JSON. */
export async function renderMap(
  roots: readonly WiringNode[],
  format: MapFormat,
  style: Style,
): Promise<string> {
  switch (format) {
    case 'tree':
      return roots.map((root) => renderTree(root, style)).join('')
    case 'mermaid':
      return renderMermaid(graphOf(roots))
    case 'dot':
      return renderDot(graphOf(roots))
    case 'svg':
      return (await import('./render-svg.ts')).renderSvg(roots, summarize(roots))
    case 'html':
      return (await import('./render-html.ts')).renderHtml(roots, summarize(roots))
    case 'json':
      return `${visibleJson(JSON.stringify(mapDocument(roots)))}\n`
  }
}

/** The wiring as a JSON document (docs/json.md). */
export function mapDocument(roots: readonly WiringNode[]): object {
  return { events: roots.map(documentOf) }
}

/** https://mermaid.js.org/syntax/flowchart.html; all but plain letters are escaped by number. */
function renderMermaid({ nodes, edges }: Graph): string {
  const ids = new Map([...nodes.keys()].map((id, index) => [id, `n${index}`]))
  const text = (label: string) =>
    visibleLine(label).replace(/[^\p{L}\p{N} .,_-]/gu, (character) => `#${character.codePointAt(0)};`)
  const lines = [...nodes.values()].map((node) => {
    const note = node.note === null ? '' : `<br/>${text(node.note)}`
    return `  ${ids.get(node.id)}["${text(titleOf(node))}${note}"]${node.state === 'failed' ? ':::cut' : ''}`
  })
  const arrows = edges.map(({ from, to }) => {
    const label = to.bindingKey === null ? '' : `|"${text(to.bindingKey) || ' '}"|`
    return `  ${ids.get(from)} ${to.state === 'failed' ? '-.-x' : '-->'}${label} ${ids.get(to.id)}`
  })
  return ['flowchart LR', ...lines, ...arrows, '  classDef cut stroke:#c00,color:#c00', ''].join('\n')
}

/** https://graphviz.org/doc/info/lang.html: quoted strings with quotes and backslashes escaped; labels read HTML's entities. */
function renderDot({ nodes, edges }: Graph): string {
  const quote = (...lines: string[]) =>
    `"${lines.map((line) => visibleLine(line).replace(/["\\]/g, '\\$&').replaceAll('&', '&amp;')).join('\\n')}"`
  const ids = new Map([...nodes.keys()].map((id, index) => [id, `n${index}`]))
  const boxes = [...nodes.values()].map((node) => {
    const about =
      node.kind === 'queue' || node.kind === 'exchange' || node.kind === 'broker' ? `${node.kind} ` : ''
    const label = quote(about + node.name, ...(node.note === null ? [] : [node.note]))
    const cut = node.state === 'failed' ? ', color=red, fontcolor=red' : ''
    return `  ${ids.get(node.id)} [label=${label}${cut}]`
  })
  const arrows = edges.map(({ from, to }) => {
    const label = to.bindingKey === null ? [] : [`label=${quote(to.bindingKey)}`]
    const cut = to.state === 'failed' ? ['color=red', 'style=dashed'] : []
    const given = [...label, ...cut]
    return `  ${ids.get(from)} -> ${ids.get(to.id)}${given.length === 0 ? '' : ` [${given.join(', ')}]`}`
  })
  return ['digraph evi {', '  rankdir=LR', '  node [shape=box]', ...boxes, ...arrows, '}', ''].join('\n')
}

function documentOf({ kind, name, state, note, hint, bindingKey, next }: WiringNode): object {
  return { kind, name, state, note, hint, bindingKey, next: next.map(documentOf) }
}
