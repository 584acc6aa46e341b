import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** All but src/commands, where the path of a class is what a user types. */
const rooms = globSync(['src/lib/**/', 'test/{e2e,helpers,unit}/**/', '{scripts,bench,soak}/**/'], {
  cwd: root,
})

it('no room has more than about 15 files', () => {
  expect(rooms.length).toBeGreaterThan(50)
  const large = rooms.map((room) => ({ room, files: filesIn(room) })).filter(({ files }) => files > 16)
  expect(large).toEqual([])
})

it('src/lib has no loose files but what everything may use', () => {
  const loose = readdirSync(`${root}/src/lib`, { withFileTypes: true }).filter((entry) => entry.isFile())
  expect(loose.map(({ name }) => name).sort()).toEqual(['errors.ts', 'exit-codes.ts', 'version.ts'])
})

it('a unit test stands in the room of what it tests', () => {
  const mirrored = globSync('test/unit/*/', { cwd: root, withFileTypes: true }).map(({ name }) => name)
  const others = ['bench', 'hostile', 'house', 'scripts', 'soak']
  const strays = mirrored.filter((name) => !others.includes(name) && !existsSync(`${root}/src/lib/${name}`))
  expect(strays).toEqual([])
})

const documents = globSync(['*.md', 'docs/*.md'], { cwd: root, exclude: ['CHANGELOG.md'] }).sort()

it.each(documents)('%s names only files of this repository that there are', (document) => {
  const text = readFileSync(`${root}/${document}`, 'utf8')
  const named = [
    ...text.matchAll(
      /(?<![a-zA-Z0-9/.:~-])(?:test|scripts|src|cli|broker|services|views|domain|async)\/[\w./-]+\.(?:ts|mjs|sh)\b/g,
    ),
  ]
  const missing = named.flatMap(([path]) => (isThere(path) || path.includes('NAME') ? [] : path))
  expect(missing).toEqual([])
})

function filesIn(room: string): number {
  return readdirSync(`${root}/${room}`, { withFileTypes: true }).filter((entry) => entry.isFile()).length
}

/** Where the architecture is described, paths begin in src/lib. */
function isThere(path: string): boolean {
  return existsSync(`${root}/${path}`) || existsSync(`${root}/src/lib/${path}`)
}
