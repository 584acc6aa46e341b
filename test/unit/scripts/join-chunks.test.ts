import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { type Chunk, joinChunks } from '../../../scripts/bundle/join-chunks.ts'

const sourceMap = JSON.stringify({ version: 3, sources: [], names: [], mappings: 'AAAA' })
const chunk = (path: string, text: string, isEntryPoint = false): Chunk => ({
  path,
  text,
  sourceMap,
  isEntryPoint,
})

/** Runs the joined chunks and returns what the chunk main.js exports. */
function run(...chunks: readonly Chunk[]): Record<string, unknown> {
  const module = { exports: {} }
  const { text } = joinChunks(chunks, 'main.js').program
  new Function('module', 'require', text)(module, createRequire(import.meta.url))
  return module.exports
}

test('names, defaults, namespaces and modules of Node are imported', () => {
  const { all } = run(
    chunk(
      'main.js',
      'import a,{b as c,d}from"./x.js";import*as e from"./x.js";import f,{isIP}from"node:net";var g=[a,c,d,e.d,isIP("::"),f.isIP("h")];export{g as all};',
    ),
    chunk('x.js', 'var a=1,b=2,d=3;export{a as default,b,d};'),
  )
  expect(all).toEqual([1, 2, 3, 3, 6, 0])
})

test('a chunk runs once, when it is first imported', async () => {
  const { log, later, chunksRun } = run(
    chunk(
      'main.js',
      'import{log as l}from"./log.js";import"./a.js";var f=()=>import("./b.js");export{l as log,f as later};',
    ),
    chunk('a.js', 'import{log as l}from"./log.js";l.push("a");'),
    chunk('b.js', 'import{log as l}from"./log.js";import"./a.js";l.push("b");var c=7;export{c};'),
    chunk('log.js', 'var l=[];export{l as log};'),
  )
  const count = chunksRun as () => number
  expect([log, count()]).toEqual([['a'], 3])
  expect(await (later as () => Promise<unknown>)()).toEqual({ c: 7 })
  expect([log, count()]).toEqual([['a', 'b'], 4])
})

test.each([
  ['{twice:n=>2*n}', 4],
  ['Object.assign(()=>{},{twice:n=>2*n})', 4],
])(
  'the properties of the CommonJS module %s are its exports, and it is the default one',
  async (text, twice) => {
    const { main } = run(
      chunk('main.js', 'var f=()=>import("./cjs.js");export{f as main};'),
      chunk('cjs.js', `var s=()=>(${text});export default s();`, true),
    )
    const imported = await (main as () => Promise<Record<string, (n: number) => number>>)()
    expect(imported.twice?.(2)).toBe(twice)
    expect(imported.default).toHaveProperty('twice')
  },
)

test('a chunk of the second text is found there when it is first imported', async () => {
  const chunks = [
    chunk('b.js', 'import{log as l}from"./log.js";l.push("b");var c=7;export{c};'),
    chunk(
      'main.js',
      'import{log as l}from"./log.js";var f=()=>import("./b.js");export{l as log,f as later};',
    ),
    chunk('log.js', 'var l=[];export{l as log};'),
  ]
  const { program, seldom } = joinChunks(chunks, 'main.js', ({ path }) => path === 'b.js')
  const calls: string[] = []
  const second = () => {
    calls.push('seldom')
    return new Function('take', 'load', 'node', 'wrap', seldom.text)
  }
  const module = { exports: {} as { log?: string[]; later?: () => Promise<unknown> } }
  new Function('module', 'require', 'seldom', program.text)(module, createRequire(import.meta.url), second)
  const { log, later } = module.exports
  expect([log, calls]).toEqual([[], []])
  expect(await later?.()).toEqual({ c: 7 })
  expect(await later?.()).toEqual({ c: 7 })
  expect([log, calls]).toEqual([['b'], ['seldom']])
})

test('what is replaced keeps its place', () => {
  const text = 'import{log as l}from"./log.js";var f=()=>import("./log.js"),here=1;export{here};'
  const { text: joined, sourceMap: map } = joinChunks(
    [chunk('log.js', 'var l=1;\nexport{l as log};'), chunk('main.js', text)],
    'main.js',
  ).program
  const lines = joined.split('\n')
  for (const { offset, map: own } of JSON.parse(map).sections) {
    expect(offset.column).toBe(0)
    expect(own).toEqual(JSON.parse(sourceMap))
  }
  const { line } = JSON.parse(map).sections[1].offset
  // The bundle puts its own beginning before the first line.
  expect(lines[line]?.indexOf('here=1')).toBe(text.indexOf('here=1'))
})

test('an export that gets its value late is refused, but for the module that a chunk begins with', () => {
  const text = 'var a,i=()=>{a=1};i();export{a,i};'
  expect(() => joinChunks([chunk('main.js', text)], 'main.js')).toThrow('The export a gets its value late.')
  expect(run(chunk('main.js', text, true)).a).toBe(1)
})
