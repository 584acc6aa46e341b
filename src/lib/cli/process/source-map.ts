import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, relative, resolve } from 'node:path'

/** The frames of a stack with the places in `src/` that the bundle was made of, as far as a source map is beside it. */
export function toSources(frames: readonly string[]): readonly string[] {
  const maps = new Map<string, SourceMap | undefined>()
  return frames.map((frame) =>
    frame.replace(place, (own, file, line, column) => {
      if (!maps.has(file)) maps.set(file, mapOf(file))
      const map = maps.get(file)
      return map ? sourceOf(map, { own, file, line, column }) : own
    }),
  )
}

function mapOf(file: string): SourceMap | undefined {
  if (!existsSync(`${file}.map`)) return undefined
  return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
}

/** A place in the bundle, as stacks have it. */
const place = /(\/[^():]*(?:evi|seldom)\.cjs):(\d+):(\d+)/

interface Place {
  readonly own: string
  readonly file: string
  readonly line: string
  readonly column: string
}

/** The place in the sources, relative to the project. */
function sourceOf(map: SourceMap, { own, file, line, column }: Place): string {
  const entry = map.findEntry(Number(line) - 1, Number(column) - 1)
  if (!('originalSource' in entry)) return own
  const directory = dirname(resolve(file))
  const source = relative(dirname(directory), resolve(directory, entry.originalSource))
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
}
