// The man pages, one for evi and one for each command, made from the manifest as --help is.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manPages } from '#lib/cli/help/man-page.ts'

const directory = 'dist/man'

/**
 * Writes dist/man.
 *
 * @param root the directory of package.json and oclif.manifest.json
 * @param options.list whether to list them in package.json, too: npm installs only those that it finds there
 */
export function writeManPages(root: string, { list }: { readonly list: boolean }): void {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))
  const pjson = read('package.json')
  const pages = manPages({ commands: Object.values(read('oclif.manifest.json').commands), pjson })
  rmSync(join(root, directory), { recursive: true, force: true })
  mkdirSync(join(root, directory), { recursive: true })
  for (const [name, page] of pages) writeFileSync(join(root, directory, `${name}.1`), page)
  const man = [...pages.keys()].map((name) => `./${directory}/${name}.1`)
  if (list && String(pjson.man) !== String(man))
    writeFileSync(join(root, 'package.json'), `${JSON.stringify({ ...pjson, man }, undefined, 2)}\n`)
}
