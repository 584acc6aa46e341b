import { basename } from 'node:path'
import { type ExportNamedDeclaration, type ImportDeclaration, type Program, parseSync } from 'oxc-parser'

/** A part of the program as esbuild writes it: an ES module in lines of ASCII. */
export interface Chunk {
  readonly path: string
  readonly text: string
  /** As JSON. */
  readonly sourceMap: string
  /** It begins with a module of the sources, and what it exports has its value when it has run. */
  readonly isEntryPoint: boolean
}

/** Text of the program, and its source map: an index map, as JSON. */
export interface Joined {
  readonly text: string
  readonly sourceMap: string
}

/**
 * Puts the chunks into one text, each as a function that is called when the chunk is first imported: V8 then compiles,
 * keeps and runs no more of the program than a command comes to. What is replaced keeps its length, so that the source
 * maps stay true.
 *
 * @param entry the path of the chunk whose exports become those of `module`, with `chunksRun()`
 * @param isSeldom whether a chunk goes to a text of its own
 * @returns CommonJS; and a function that `seldom()` must return when one of those chunks is first imported
 * @throws Error for an export that gets its value after its chunk has run: importers would keep the value of before
 */
export function joinChunks(
  chunks: readonly Chunk[],
  entry: string,
  isSeldom: (chunk: Chunk) => boolean = () => false,
): { readonly program: Joined; readonly seldom: Joined } {
  const [everyday, seldom] = [chunks.filter((chunk) => !isSeldom(chunk)), chunks.filter(isSeldom)]
  const indexes = new Map([...everyday, ...seldom].map(({ path }, index) => [`./${basename(path)}`, index]))
  const join = (some: readonly Chunk[]) => joined(some, indexes)
  const entryIndex = indexes.get(`./${basename(entry)}`)
  const [own, others] = [join(everyday), join(seldom)]
  return {
    program: {
      ...own,
      text: `"use strict";${runtime}var chunks=[\n${own.text}];module.exports={...take(${entryIndex}),chunksRun};\n`,
    },
    seldom: {
      ...others,
      text: `"use strict";return new Array(${everyday.length}).concat([\n${others.text}])\n`,
    },
  }
}

function joined(chunks: readonly Chunk[], indexes: ReadonlyMap<string, number>): Joined {
  const functions = chunks.map((chunk) => `()=>{\n${bodyOf(chunk, indexes)}\n}`)
  let line = 2
  const sections = functions.map((text, index) => {
    const map = JSON.parse(chunks[index]?.sourceMap ?? '')
    const section = { offset: { line, column: 0 }, map }
    line += text.split('\n').length
    return section
  })
  return { text: functions.join(',\n'), sourceMap: JSON.stringify({ version: 3, sections }) }
}

/** Its names have four letters, and those that esbuild makes at most three. */
const runtime = [
  'var done=[],node=require,take=n=>done[n]??=(chunks[n]??more(n))()??{},load=async n=>take(n),rest,',
  'more=n=>(rest??=seldom()(take,load,node,wrap))[n],chunksRun=()=>Object.keys(done).length;',
  // A CommonJS module is the default export, and its properties are exports, too.
  'var wrap=m=>Object(m)===m?Object.create(m,{default:{value:m}}):{default:m};',
].join('')

interface Replacement {
  readonly start: number
  readonly end: number
  readonly text: string
}

function bodyOf({ path, text, isEntryPoint }: Chunk, indexes: ReadonlyMap<string, number>): string {
  const { module, program, errors } = parseSync(path, text)
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`)
  const take = (name: string) => (indexes.has(name) ? `take(${indexes.get(name)})` : `node("${name}")`)
  const replacements: Replacement[] = module.dynamicImports.flatMap(({ start, end, moduleRequest }) => {
    const index = indexes.get(text.slice(moduleRequest.start + 1, moduleRequest.end - 1))
    return index === undefined ? [] : [{ start, end, text: `load(${index})` }]
  })
  const late = isEntryPoint ? new Set<string>() : uninitialized(program)
  for (const statement of program.body) {
    const { start, end } = statement
    if (statement.type === 'ImportDeclaration') {
      replacements.push({ start, end, text: importOf(statement, take) })
    } else if (statement.type === 'ExportNamedDeclaration') {
      replacements.push({ start, end, text: exportOf(statement, late) })
    } else if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement
      replacements.push({
        start,
        end,
        text: `return wrap(${text.slice(declaration.start, declaration.end)})`,
      })
    }
  }
  return replaced(text, replacements)
}

function importOf({ source, specifiers }: ImportDeclaration, take: (name: string) => string): string {
  const module = take(source.value)
  if (specifiers.length === 0) return `${module};`
  const named: string[] = []
  const targets: string[] = []
  for (const { type, local, ...specifier } of specifiers) {
    if ('imported' in specifier) named.push(property(nameOf(specifier.imported), local.name))
    // A module of Node's is its own default export.
    else if (type === 'ImportDefaultSpecifier' && module.startsWith('take'))
      named.push(`default:${local.name}`)
    else targets.push(local.name)
  }
  if (named.length > 0) targets.push(`{${named.join()}}`)
  return `var ${targets.map((target) => `${target}=${module}`).join()};`.replace('var {', 'var{')
}

function exportOf({ specifiers }: ExportNamedDeclaration, late: ReadonlySet<string>): string {
  const properties = specifiers.map(({ local, exported }) => {
    if (late.has(nameOf(local))) throw new Error(`The export ${nameOf(exported)} gets its value late.`)
    return property(nameOf(exported), nameOf(local))
  })
  return `return{${properties.join()}};`
}

/** The variables of the module that are declared without a value. */
function uninitialized({ body }: Program): ReadonlySet<string> {
  const names = new Set<string>()
  for (const statement of body) {
    if (statement.type !== 'VariableDeclaration') continue
    for (const { id, init } of statement.declarations) {
      if (id.type === 'Identifier' && init === null) names.add(id.name)
    }
  }
  return names
}

type Name = ExportNamedDeclaration['specifiers'][number]['local']

const nameOf = (name: Name): string => (name.type === 'Literal' ? name.value : name.name)

/** A property, and the variable that has its value. */
const property = (name: string, variable: string) => (name === variable ? name : `${name}:${variable}`)

/** The text with its replacements, which are filled up to the length of what they replace. */
function replaced(text: string, replacements: readonly Replacement[]): string {
  let result = ''
  let from = 0
  for (const { start, end, text: replacement } of replacements.toSorted(
    (one, other) => one.start - other.start,
  )) {
    result += text.slice(from, start) + replacement.padEnd(end - start)
    from = end
  }
  return result + text.slice(from)
}
