import { describe, expect, test } from 'vitest'
import { node, type WiringNode } from '#lib/services/map/wiring-node.ts'
import { styleFor } from '#lib/terminal/style.ts'
import { renderMap } from '#lib/views/map/render-map.ts'

const plain = styleFor({}, {})

const queue = node({ kind: 'queue', name: 'q', state: 'passed', note: '1 message', bindingKey: 'sip.#' })
const exchange = (next: readonly WiringNode[]) =>
  node({ kind: 'exchange', name: 'x', state: 'passed', bindingKey: 'sip.pike', next })
const missing = node({ kind: 'exchange', name: 'y', state: 'failed', note: 'There is no exchange "y".' })
const roots = [
  node({ kind: 'event', name: 'E_A', next: [exchange([queue]), missing] }),
  node({ kind: 'event', name: 'E_B', next: [exchange([queue])] }),
]

test("a tree shows each event's own way, with marks and reasons", async () => {
  expect(await renderMap(roots, 'tree', plain)).toBe(
    [
      'E_A',
      '├─ ✔ "sip.pike" → exchange x',
      '│  └─ ✔ "sip.#" → queue q  1 message',
      '└─ ✖ exchange y  There is no exchange "y".',
      'E_B',
      '└─ ✔ "sip.pike" → exchange x',
      '   └─ ✔ "sip.#" → queue q  1 message',
      '',
    ].join('\n'),
  )
})

describe('in a tree', () => {
  const broker = (next: readonly WiringNode[]) =>
    node({ kind: 'broker', name: 'h:5672, vhost /', state: 'passed', note: 'RabbitMQ 4.3', next })
  const socket = (name: string, next: readonly WiringNode[]) =>
    node({ kind: 'socket', name: `rabbitmq:h/${name}`, state: 'passed', next: [broker(next)] })
  const unread = node({ kind: 'consumers', name: '0 consumers', state: 'warning' })
  const root = node({
    kind: 'event',
    name: 'E_A',
    next: [socket('q', [queue]), socket('r', [{ ...queue, next: [unread] }]), missing],
  })

  test('a broker of several sockets is drawn once, and the worst that lies behind a place marks it', async () => {
    expect(await renderMap([root], 'tree', plain)).toBe(
      [
        'E_A',
        '├─ ✔ broker h:5672, vhost /  RabbitMQ 4.3',
        '│  ├─ ✔ rabbitmq:h/q',
        '│  │  └─ ✔ "sip.#" → queue q  1 message',
        '│  └─ ! rabbitmq:h/r',
        '│     └─ ! "sip.#" → queue q  1 message',
        '│        └─ ! 0 consumers',
        '└─ ✖ exchange y  There is no exchange "y".',
        '',
      ].join('\n'),
    )
  })

  test('the name of an event is as red as the worst behind it', async () => {
    const painted = { ...plain, bad: (text: string) => `<${text}>` }
    expect(await renderMap([root], 'tree', painted)).toMatch(/^<E_A>\n/)
  })
})

test('a diagram shows the same thing once, and marks what is cut', async () => {
  const mermaid = await renderMap(roots, 'mermaid', plain)
  expect(mermaid.match(/\["exchange x"\]/g)).toHaveLength(1)
  expect(mermaid).toMatch(/^flowchart LR\n/)
  expect(mermaid).toMatch(/n\d\["exchange y<br\/>There is no exchange #34;y#34;."\]:::cut/)
  expect(mermaid).toContain('-->|"sip.#35;"|')
  const dot = await renderMap(roots, 'dot', plain)
  expect(dot.match(/label="exchange x"/g)).toHaveLength(1)
  expect(dot).toMatch(/label="exchange y\\nThere is no exchange \\"y\\"\.", color=red/)
})

describe('whatever stands in a name', () => {
  const hostile = [
    '"',
    '\\',
    '\\"',
    'a\nb',
    '<b>',
    '#quot;',
    '"];n0-->n1',
    '\x1b[31m',
    '{}',
    '|',
    '}',
    '\u202e',
    '日本',
    '%%',
    '&lt;',
    '\x7f\x9b',
    ';',
  ]
  const map = hostile.map((name) =>
    node({ kind: 'event', name, next: [node({ kind: 'queue', name, note: name, bindingKey: name })] }),
  )

  test('a DOT file stays one: quoted strings with quotes and backslashes escaped', async () => {
    const lines = (await renderMap(map, 'dot', plain)).split('\n')
    const string = String.raw`"(?:[^"\\]|\\["\\n])*"`
    const statement = new RegExp(`^ {2}n\\d+(?: -> n\\d+)?(?: \\[label=${string}\\])?$`)
    expect(lines.slice(3, -2).filter((line) => !statement.test(line))).toEqual([])
    expect(lines.at(-2)).toBe('}')
  })

  test('a Mermaid diagram stays one: nothing but plain letters and escapes between its quotes', async () => {
    const lines = (await renderMap(map, 'mermaid', plain)).split('\n')
    const text = String.raw`"(?:[\p{L}\p{N} .,_-]|#\d+;|<br/>)*"`
    const statement = new RegExp(`^ {2}n\\d+(?:\\[${text}\\]| -->(?:\\|${text}\\|)? n\\d+)$`, 'u')
    expect(lines.slice(1, -2).filter((line) => !statement.test(line))).toEqual([])
  })

  test('a terminal gets no control character', async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(await renderMap(map, 'tree', plain)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  })

  test('an entity in a name is no entity in a DOT label', async () => {
    expect(await renderMap(map, 'dot', plain)).toContain('[label="queue &amp;lt;\\n&amp;lt;"]')
  })

  test('JSON keeps it, without a control character for a terminal', async () => {
    const json = await renderMap(map, 'json', plain)
    const { events } = JSON.parse(json) as { events: WiringNode[] }
    expect(events.map(({ name }) => name)).toEqual(hostile)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(json).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  })
})
