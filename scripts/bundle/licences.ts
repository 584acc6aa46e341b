import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const separator = `\n\n${'-'.repeat(78)}\n\n`

/** The names, versions and licences of the packages that the files of a bundle come from. */
export function licences(root: string, inputs: readonly string[]): string {
  const packages = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []))
  const texts = [...packages].sort().map((directory) => licenceOf(join(root, directory)))
  return `evi contains these packages:${separator}${[...new Set(texts)].join(separator)}\n`
}

/** @throws Error for a package that says nothing of its licence */
function licenceOf(directory: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  if (typeof license !== 'string') throw new Error(`${name} ${version} names no licence.`)
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : `\n\n${readFileSync(join(directory, file), 'utf8').trim()}`
  return `${name} ${version}: ${license}${text}`
}
