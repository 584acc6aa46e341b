import type { WiringNode } from '#lib/services/map/wiring-node.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { layOut, type Picture, type PlacedEdge, type PlacedNode } from './map-layout.ts'
import { escapeXml } from './xml.ts'

/** What is said of each state, beside its colour and mark. */
export const stateWords: Readonly<Record<NonNullable<WiringNode['state']> | 'none', string>> = {
  passed: 'ok',
  warning: 'warning',
  hidden: 'no permission to look',
  unknown: 'not known',
  failed: 'broken',
  none: 'not looked at',
}

const marks: Readonly<Record<NonNullable<WiringNode['state']>, string>> = {
  passed: '\u2714',
  warning: '!',
  hidden: '?',
  unknown: '?',
  failed: '\u2716',
}

/** Colours for light and dark; they are the page's own where the picture is part of one. */
export const pictureStyle = `
svg.wiring { --ground: #fff; --text: #1b1f24; --faint: #57606a; --line: #6e7781; --box: #f6f8fa; --bad: #b3001b; --bad-box: #fff0f0; --warn: #7a4d00; --warn-box: #fff6e0; --good: #116329; font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--ground) }
@media (prefers-color-scheme: dark) { svg.wiring { --ground: #0d1117; --text: #e6edf3; --faint: #9da7b1; --line: #848d97; --box: #161b22; --bad: #ff8178; --bad-box: #35141a; --warn: #e3b341; --warn-box: #2b2111; --good: #4ac26b } }
.wiring text { fill: var(--text); white-space: pre }
.wiring .box { fill: var(--box); stroke: var(--line); rx: 5px }
.wiring .event .box { rx: 18px }
.wiring .about { fill: var(--faint); font-size: 12px }
.wiring .wire { fill: none; stroke: var(--line); stroke-width: 1.3 }
.wiring .tip { fill: var(--line) }
.wiring .key { fill: var(--faint); font-size: 12px; paint-order: stroke; stroke: var(--ground); stroke-width: 4px }
.wiring .passed .mark { fill: var(--good) }
.wiring .warning .box, .wiring .hidden .box, .wiring .unknown .box { fill: var(--warn-box) }
.wiring .warning .mark, .wiring .hidden .mark, .wiring .unknown .mark { fill: var(--warn) }
.wiring .failed .box { fill: var(--bad-box); stroke: var(--bad); stroke-width: 2; stroke-dasharray: 6 3 }
.wiring .failed text, .wiring .failed .mark { fill: var(--bad) }
.wiring .cut.wire { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 6 4 }
.wiring .cut.tip { fill: var(--bad) }
`

/** A picture to look at, as a file of its own. @param summary what it shows, in a sentence */
export function renderSvg(roots: readonly WiringNode[], summary: string): string {
  const picture = layOut(roots)
  const size = sizeOf(picture)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="wiring" role="img" aria-labelledby="title" ${size}>` +
    `<title id="title">${escapeXml(summary)}</title><style>${pictureStyle}</style>` +
    `${markers}${picture.edges.map(drawEdge).join('')}${picture.nodes.map((node) => drawNode(node, '')).join('')}</svg>\n`
  )
}

/** The picture as a part of a page, whose boxes can be chosen. */
export function renderInteractiveSvg(picture: Picture): string {
  const attributes = (node: PlacedNode) =>
    ` id="${node.id}" role="button" tabindex="-1" aria-pressed="false" aria-label="${escapeXml(describe(node.node))}"`
  return (
    `<svg class="wiring" role="group" aria-label="The wiring, from left to right" aria-describedby="keys" ${sizeOf(picture)}>` +
    `${markers}<g aria-hidden="true">${picture.edges.map(drawEdge).join('')}</g>` +
    `${picture.nodes.map((node) => drawNode(node, attributes(node))).join('')}</svg>`
  )
}

/** A node in a sentence: `queue gone, broken: There is no queue "gone".` */
export function describe({ kind, name, state, note }: WiringNode): string {
  const word = state === null ? '' : `, ${stateWords[state]}`
  return visibleLine(`${kind} ${name}${word}${note === null ? '' : `: ${note}`}`)
}

const markers =
  '<defs>' +
  ['tip', 'cut tip']
    .map(
      (name) =>
        `<marker id="${name.replace(' ', '-')}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="${name}" d="M0 0L8 4L0 8z"/></marker>`,
    )
    .join('') +
  '</defs>'

function sizeOf({ width, height }: Picture): string {
  return `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
}

function drawNode({ node, lines, x, y, width, height }: PlacedNode, attributes: string): string {
  const [left, top] = [round(x - width / 2), round(y - height / 2)]
  const { state } = node
  const mark = state === null ? '' : `<tspan class="mark">${marks[state]}</tspan> `
  const texts = lines.map((line, index) => {
    const place = `x="${left + 12}" y="${top + 20 + index * 18}"`
    return index === 0
      ? `<text ${place}>${mark}${escapeXml(line)}</text>`
      : `<text class="about" ${place}>${escapeXml(line)}</text>`
  })
  return (
    `<g class="node ${node.kind} ${state ?? 'none'}"${attributes}><title>${escapeXml(describe(node))}</title>` +
    `<rect class="box" x="${left}" y="${top}" width="${round(width)}" height="${round(height)}"/>${texts.join('')}</g>`
  )
}

function drawEdge({ from, to, isCut, points, label }: PlacedEdge): string {
  const cut = isCut ? 'cut ' : ''
  const tip = isCut ? 'cut-tip' : 'tip'
  const wire = `<path class="${cut}wire" data-from="${from}" data-to="${to}" d="${curve(points)}" marker-end="url(#${tip})"/>`
  if (label === null) return wire
  return `${wire}<text class="key" text-anchor="middle" data-from="${from}" data-to="${to}" x="${round(label.x)}" y="${round(label.y + 4)}">${escapeXml(label.text)}</text>`
}

/** A curve that leaves and arrives level. */
function curve([first, ...more]: PlacedEdge['points']): string {
  if (first === undefined) return ''
  let [x, y] = [first.x, first.y]
  const parts = more.map((point) => {
    const middle = round((x + point.x) / 2)
    const part = `C${middle} ${round(y)} ${middle} ${round(point.y)} ${round(point.x)} ${round(point.y)}`
    x = point.x
    y = point.y
    return part
  })
  return `M${round(first.x)} ${round(first.y)}${parts.join('')}`
}

function round(number: number): number {
  return Math.round(number * 10) / 10
}
