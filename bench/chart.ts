import { mark, renderRatio, renderTarget } from './report.ts'
import { isMet, type Row, ratioOf, type Target } from './row.ts'

/** A bar for each row that has a target and was measured. */
interface Bar {
  readonly what: string
  readonly against: string
  readonly ratio: number
  readonly target: Target
  readonly row: Row
}

const width = 920
const margin = 20
/** Where the bars begin. */
const left = 460
/** Room to the right of the longest bar, for its number. */
const numbers = 150
const rowHeight = 46
const barHeight = 16
const top = 52

/** The ratios with their targets as an SVG with a ground of its own, light or dark as the reader has it. */
export function renderChart(rows: readonly Row[]): string {
  const bars = rows.flatMap(toBar)
  const longest = Math.max(1, ...bars.flatMap(({ ratio, target }) => [ratio, boundOf(target)]))
  const x = (ratio: number) => rounded(left + (ratio / longest) * (width - left - numbers))
  const bottom = top + bars.length * rowHeight
  const height = bottom + margin
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Each ratio with its target">`,
    style,
    `<rect class="ground" width="${width}" height="${height}" rx="6"/>`,
    `<line class="one" x1="${x(1)}" y1="${top - 12}" x2="${x(1)}" y2="${bottom}"/>`,
    `<text class="faint" x="${x(1)}" y="${top - 20}" text-anchor="middle">1.0: as what it is compared with</text>`,
    ...bars.map((bar, index) => renderBar(bar, top + index * rowHeight, x)),
    '</svg>',
    '',
  ].join('\n')
}

function toBar(row: Row): Bar[] {
  const ratio = ratioOf(row)
  if (!ratio || !row.target) return []
  return [
    { what: plain(row.what), against: plain(row.against), ratio: ratio.median, target: row.target, row },
  ]
}

function renderBar(
  { what, against, ratio, target, row }: Bar,
  y: number,
  x: (ratio: number) => number,
): string {
  const middle = y + rowHeight / 2
  const bound = x(boundOf(target))
  const value = `${renderRatio(ratio)} ${mark(row)}`
  return [
    `<text x="${margin}" y="${middle - 3}">${what}</text>`,
    `<text class="faint" x="${margin}" y="${middle + 13}">against ${against}</text>`,
    `<rect class="${isMet(row) ? 'met' : 'missed'}" x="${left}" y="${middle - barHeight / 2}" width="${rounded(x(ratio) - left)}" height="${barHeight}" rx="2"/>`,
    `<line class="bound" x1="${bound}" y1="${middle - barHeight}" x2="${bound}" y2="${middle + barHeight}"/>`,
    `<text x="${rounded(Math.max(bound, x(ratio)) + 8)}" y="${middle + 5}">${value}<tspan class="faint" dx="8">${plain(renderTarget(target))}</tspan></text>`,
  ].join('\n')
}

/** Blue and orange, which nearly every eye distinguishes; the sign behind the number says the same. */
const style = `<style>
.ground { fill: #ffffff }
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.faint { font-size: 12px; fill: #59636e }
.met { fill: #2f81d6 }
.missed { fill: #d9822b }
.one { stroke: #8c959f; stroke-dasharray: 3 3 }
.bound { stroke: #1f2328; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117 }
  text { fill: #e6edf3 }
  .faint { fill: #9198a1 }
  .bound { stroke: #e6edf3 }
}
</style>`

function boundOf(target: Target): number {
  return 'atMost' in target ? target.atMost : target.atLeast
}

/** Markdown's marks mean nothing in a picture, and XML has its own. */
function plain(markdown: string): string {
  return markdown.replaceAll('`', '').replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function rounded(coordinate: number): number {
  return Math.round(coordinate * 10) / 10
}
