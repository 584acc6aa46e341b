import { createHash } from 'node:crypto'
import type { WiringNode } from '#lib/services/map/wiring-node.ts'
import { visibleLine } from '#lib/text/escape-controls.ts'
import { pageScript } from './html-script.ts'
import { pageStyle } from './html-style.ts'
import { layOut } from './map-layout.ts'
import { pageData, remedyOf } from './page-data.ts'
import { describe, pictureStyle, renderInteractiveSvg } from './render-svg.ts'
import { escapeXml } from './xml.ts'

/** The wiring as a page in one file that loads nothing. @param summary what it shows, in a sentence */
export function renderHtml(roots: readonly WiringNode[], summary: string): string {
  const picture = layOut(roots)
  const style = pictureStyle + pageStyle
  const policy = `default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(pageScript)}'`
  const isChecked = picture.nodes.some(({ node }) => node.state !== null)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="evi map">
<meta http-equiv="Content-Security-Policy" content="${escapeXml(policy)}">
<title>${escapeXml(summary)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Wiring</h1>
<p>${escapeXml(summary)}</p>
<p id="keys">Arrow keys follow the wires, Enter shows the details of a box, Tab selects a command there to be copied, Escape closes them.</p>
${isChecked ? '<label><input type="checkbox" id="only-cuts"> Only what is broken</label>' : ''}
</header>
<main>
<section id="picture" aria-label="Picture">${renderInteractiveSvg(picture)}</section>
<aside id="details" role="region" aria-label="Details" aria-live="polite"><p>Choose a box to see its details.</p></aside>
</main>
<details id="list"><summary>The wiring as a list</summary>${renderList(roots)}</details>
<script type="application/json" id="wiring">${pageData(picture)}</script>
<script>${pageScript}</script>
</body>
</html>
`
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

/** The tree in words, for a screen reader and for paper. */
function renderList(nodes: readonly WiringNode[]): string {
  if (nodes.length === 0) return ''
  const items = nodes.map((node) => {
    const key = node.bindingKey === null ? '' : `<q>${escapeXml(visibleLine(node.bindingKey))}</q> &rarr; `
    return `<li class="${node.state ?? 'none'}">${key}${escapeXml(describe(node))}${renderRemedy(node)}${renderList(node.next)}</li>`
  })
  return `<ul>${items.join('')}</ul>`
}

function renderRemedy(node: WiringNode): string {
  const lines = remedyOf(node).map(({ prose, command }) => {
    const code = command === null ? '' : ` <code>${escapeXml(command)}</code>`
    return `<p>${escapeXml(prose)}${code}</p>`
  })
  return lines.join('')
}
