/** What a page has beside the picture; the colours are the picture's. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --faint: #57606a; --edge: #d0d7de; --bad: #b3001b; --focus: #0550ae }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --faint: #9da7b1; --edge: #30363d; --bad: #ff8178; --focus: #79c0ff } }
* { box-sizing: border-box }
body { margin: 0; padding: 16px; background: var(--ground); color: var(--text); font: 15px/1.45 system-ui, sans-serif }
h1 { font-size: 20px; margin: 0 }
h2 { font-size: 16px; margin: 0 0 8px; overflow-wrap: anywhere }
header p { margin: 4px 0 }
#keys { color: var(--faint); font-size: 13px }
main { display: grid; grid-template-columns: minmax(0, 1fr) 320px; gap: 16px; margin: 12px 0; align-items: start }
#picture { overflow: auto; max-height: 80vh; border: 1px solid var(--edge); border-radius: 6px }
#picture svg { display: block }
#details { border: 1px solid var(--edge); border-radius: 6px; padding: 12px; position: sticky; top: 16px; max-height: 80vh; overflow: auto }
#details p, #details li { overflow-wrap: anywhere }
#details p { margin: 0 0 8px }
#details code { display: block; margin-top: 4px; padding: 6px 8px; border: 1px solid var(--edge); border-radius: 4px; user-select: all }
code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
#details ul { margin: 0 0 8px; padding-left: 18px }
#details button { font: inherit; color: var(--focus); background: none; border: 0; padding: 0; text-align: left; text-decoration: underline; cursor: pointer; overflow-wrap: anywhere }
.failed > .word, li.failed { color: var(--bad) }
li.passed, li.warning, li.unknown, li.hidden, li.none { color: var(--text) }
.node { cursor: pointer }
.node:focus { outline: none }
.node:focus-visible .box, .node[aria-pressed="true"] .box { stroke: var(--focus); stroke-width: 3; stroke-dasharray: none }
[data-to] { cursor: pointer }
button:focus-visible, code:focus-visible, summary:focus-visible, input:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
.aside { opacity: .12 }
#list ul { padding-left: 20px; margin: 4px 0 }
#list li { overflow-wrap: anywhere }
#list p { margin: 2px 0 }
@media (max-width: 800px) { main { grid-template-columns: minmax(0, 1fr) } #details { position: static } #picture { max-height: 60vh } }
@media print { #keys, label, #details { display: none } main { display: block } #picture { overflow: visible; max-height: none; border: 0 } }
`
