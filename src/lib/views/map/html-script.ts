/** The page's script, for browsers of today; it makes elements and text, and never markup of text. */
export const pageScript = `
'use strict'
const { boxes, wires } = JSON.parse(document.getElementById('wiring').textContent)
const byId = new Map(boxes.map((box) => [box.id, { ...box, element: document.getElementById(box.id), next: [], previous: [] }]))
for (const { from, to, key } of wires) {
  byId.get(from).next.push({ box: byId.get(to), key })
  byId.get(to).previous.push({ box: byId.get(from), key })
}
const all = [...byId.values()]
const details = document.getElementById('details')
let current = all[0]
let chosen
const make = (name, text, ...children) => {
  const element = document.createElement(name)
  if (text) element.textContent = text
  element.append(...children)
  return element
}
const focusOn = (box) => {
  if (!box) return
  current.element.tabIndex = -1
  current = box
  current.element.tabIndex = 0
  current.element.focus()
  current.element.scrollIntoView({ block: 'nearest', inline: 'nearest' })
}
const listOf = (title, links) => {
  if (links.length === 0) return []
  const items = links.map(({ box, key }) => {
    const button = make('button', (box.kind + ' ' + box.name))
    button.type = 'button'
    button.addEventListener('click', () => { focusOn(box); choose(box) })
    return make('li', '', ...(key === null ? [] : [make('q', key), ' ']), button)
  })
  return [make('p', title), make('ul', '', ...items)]
}
const remedyOf = ({ remedy }) => remedy.map(({ prose, command }) => {
  if (command === null) return make('p', prose)
  const code = make('code', command)
  code.tabIndex = 0
  code.title = 'Selected when it has the focus, to be copied'
  code.addEventListener('focus', () => getSelection().selectAllChildren(code))
  return make('p', prose, ' ', code)
})
const choose = (box) => {
  if (chosen) chosen.element.setAttribute('aria-pressed', 'false')
  chosen = box
  if (!box) return details.replaceChildren(make('p', 'Choose a box to see its details.'))
  box.element.setAttribute('aria-pressed', 'true')
  const word = make('p', '', 'State: ', make('strong', box.word))
  word.className = 'word'
  const state = make('div', '', make('h2', box.kind + ' ' + box.name), word, ...box.notes.flatMap((one) => [...(one.note ? [make('p', one.note)] : []), ...remedyOf(one)]))
  state.className = box.state ?? 'none'
  details.replaceChildren(state, ...listOf('Comes from', box.previous), ...listOf('Leads to', box.next))
}
const beside = (step) => {
  const column = all.filter((box) => box.x === current.x).sort((one, other) => one.y - other.y)
  focusOn(column[column.indexOf(current) + step])
}
const keys = {
  ArrowRight: () => focusOn(current.next[0]?.box),
  ArrowLeft: () => focusOn(current.previous[0]?.box),
  ArrowDown: () => beside(1),
  ArrowUp: () => beside(-1),
  Home: () => focusOn(all[0]),
  End: () => focusOn(all.at(-1)),
  Enter: () => choose(current),
  ' ': () => choose(current),
  Escape: () => choose(undefined),
}
for (const box of all) {
  box.element.addEventListener('click', () => { focusOn(box); choose(box) })
  box.element.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !keys[event.key]) return
    event.preventDefault()
    keys[event.key]()
  })
}
details.addEventListener('keydown', (event) => { if (event.key === 'Escape') { choose(undefined); current.element.focus() } })
if (current) current.element.tabIndex = 0
for (const wire of document.querySelectorAll('[data-to]')) {
  const box = byId.get(wire.dataset.to)
  wire.addEventListener('click', () => { focusOn(box); choose(box) })
}
const cuts = new Set()
const keep = (box) => {
  if (cuts.has(box)) return
  cuts.add(box)
  if (box.kind !== 'broker' || box.state === 'failed') for (const { box: one } of box.previous) if (one.kind !== 'socket' || one.state === 'failed') keep(one)
}
for (const box of all) if (box.state === 'failed') keep(box)
document.getElementById('only-cuts')?.addEventListener('change', ({ target }) => {
  const isOff = (id) => target.checked && !cuts.has(byId.get(id))
  for (const box of all) {
    box.element.classList.toggle('aside', isOff(box.id))
    box.element.setAttribute('aria-hidden', String(isOff(box.id)))
  }
  for (const wire of document.querySelectorAll('[data-from]')) wire.classList.toggle('aside', isOff(wire.dataset.from) || isOff(wire.dataset.to))
})
`
